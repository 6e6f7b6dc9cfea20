import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClientConfig } from '../config.ts';

/** What the issuer gave to `login`: an access token, and what renews it. */
const LOGIN = z.object({ access: z.string(), refresh: z.string(), expiresAt: z.string() });
export type SavedLogin = z.output<typeof LOGIN>;

const FILE = z.object({ tokens: z.record(z.string(), z.union([z.string(), LOGIN])) });
type Tokens = z.output<typeof FILE>['tokens'];

const pathOf = (config: ClientConfig) => join(config.configFolder, 'tokens.json');

/** What the last `login` at this server kept: a token, or what the issuer gave; or null. */
export async function readSavedToken(config: ClientConfig): Promise<string | SavedLogin | null> {
  return (await readAll(config))[config.url] ?? null;
}

/** Keeps a token for this server in a file only its owner may read; null removes it. */
export async function saveToken(config: ClientConfig, token: string | SavedLogin | null): Promise<string> {
  const path = pathOf(config);
  const { [config.url]: _former, ...others } = await readAll(config);
  const tokens = token === null ? others : { ...others, [config.url]: token };
  await mkdir(config.configFolder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  // Whole or not at all: another command may be reading it.
  await rename(draft, path);
  return path;
}

async function readAll(config: ClientConfig): Promise<Tokens> {
  const text = await readFile(pathOf(config), 'utf8').catch(() => '{"tokens":{}}');
  try {
    return FILE.parse(JSON.parse(text)).tokens;
  } catch {
    return {};
  }
}

const LOCK_WAIT_MS = 50;
/** A command that was killed leaves its lock; renewing takes a second. */
const LOCK_STALE_MS = 15_000;

/** One command at a time: a refresh token counts once, and its second use ends the login. */
export async function whileLocked<Result>(
  config: ClientConfig,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(config.configFolder, { recursive: true, mode: 0o700 });
  const lock = `${pathOf(config)}.lock`;
  for (;;) {
    try {
      await (await open(lock, 'wx')).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const age = await stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > LOCK_STALE_MS) await rm(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}
