import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshError } from '../base/errors.ts';

/** Held while a process owns a data folder; `release` gives it back. */
export interface FolderLock {
  release(): Promise<void>;
}

interface Holder {
  pid: number;
  /** Start time of the process in clock ticks, so that a reused pid is not taken for the holder. */
  startedAt: string | null;
}

/**
 * Takes the exclusive lock of a data folder. The embedded database opens the same folder twice without
 * a word and then loses rows, so nothing may open it before this. A lock whose process is dead is taken over.
 *
 * @throws MeshError `store.locked` with the holder's pid
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  const holder: Holder = { pid: process.pid, startedAt: startTime(process.pid) };
  const own = JSON.stringify({ ...holder, nonce: randomUUID() });
  for (let attempt = 0; attempt < 10; attempt++) {
    if ((await createExclusively(path, own)) || (await takeOver(folder, path, own))) {
      await removeDrafts(folder);
      return { release: () => releaseLock(path, own) };
    }
  }
  throw new MeshError('store.locked', { facts: { folder, pid: readHolder(path)?.pid ?? 'unknown' } });
}

/** Appears with its whole content or not at all: a reader never sees half a lock. */
async function createExclusively(path: string, content: string): Promise<boolean> {
  const draft = await writeDraft(dirname(path), content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(folder: string, content: string): Promise<string> {
  const draft = join(folder, `lock.${process.pid}.${Math.random().toString(36).slice(2)}`);
  const file = await open(draft, 'wx', 0o600);
  await file.writeFile(content);
  await file.sync();
  await file.close();
  return draft;
}

/**
 * Takes the place of a dead holder. Only one can be its successor: a file named after the dead lock's content says
 * who is, and if that one has died too, a file named after it, and so on. The lock itself is never away meanwhile,
 * and changes before the successors' files go: who comes late to a name that is free again sees another lock.
 */
async function takeOver(folder: string, path: string, own: string): Promise<boolean> {
  const dead = await readText(path);
  for (let last = dead; last !== null;) {
    refuseIfAlive(folder, last);
    const successor = successorOf(path, last);
    if (!(await createExclusively(successor, own))) {
      last = await readText(successor);
      continue;
    }
    if ((await readText(path)) === dead) {
      await rename(await writeDraft(folder, own), path);
      return true;
    }
    await rm(successor, { force: true });
    return false;
  }
  return false;
}

/** The file that says who takes the place of a holder that died, by what its lock says. */
export function successorOf(path: string, content: string): string {
  return `${path}.after.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

function refuseIfAlive(folder: string, content: string): void {
  const holder = parseHolder(content);
  if (holder === null || !isAlive(holder)) return;
  throw new MeshError('store.locked', { facts: { folder, pid: holder.pid } });
}

function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

/**
 * Drafts carry the pid of who was at it: what the dead left would lie around for ever. Who succeeded whom counts no
 * more when the lock is taken.
 */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^lock\.(?:stale\.)?(\d+)/.exec(name)?.[1]);
    const isLeft = pid > 0 && !isAlive({ pid, startedAt: null });
    if (isLeft || /^lock\.after\./.test(name)) await rm(join(folder, name), { force: true });
  }
}

async function releaseLock(path: string, own: string): Promise<void> {
  if ((await readText(path)) === own) await rm(path, { force: true });
}

function readHolder(path: string): Holder | null {
  try {
    return parseHolder(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function parseHolder(content: string): Holder | null {
  try {
    const holder = JSON.parse(content) as Holder;
    return Number.isSafeInteger(holder.pid) && holder.pid > 0 ? holder : null;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (isZombie(holder.pid)) return false;
  const started = startTime(holder.pid);
  return holder.startedAt === null || started === null || started === holder.startedAt;
}

/** Killed, and its parent has not asked how it ended: it holds nothing any more. */
function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** In clock ticks since the machine started. */
function startTime(pid: number): string | null {
  return statFields(pid)?.[19] ?? null;
}

/** Fields of /proc/<pid>/stat from the third, the state, on (proc(5)); null where there is no such file. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
