import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  copyFile,
  link,
  mkdir,
  open,
  opendir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import path from 'node:path';
import { MeshError } from '../base/errors.ts';
import { checkKey, isKey, type Objects, type StoredObject, type WriteOptions } from './objects.ts';

/** Keys never start a segment with a dot, so temporary files cannot be mistaken for objects. */
const TEMPORARY = '.tmp';
const REMOVALS_AT_ONCE = 16;

/**
 * Objects in a local folder. An object appears whole: it is written and synced under a temporary name and
 * then linked to its key, and the folder is synced, so that it survives a power cut once a call returned.
 * @throws MeshError `lake.root-invalid`.
 */
export async function localObjects(folder: string): Promise<Objects> {
  const root = path.resolve(folder);
  if (/[*?[\]{}]/.test(root)) throw new MeshError('lake.root-invalid', { facts: { folder: root } });
  await mkdir(path.join(root, TEMPORARY), { recursive: true });
  return new LocalObjects(root);
}

class LocalObjects implements Objects {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  uri(key: string): string {
    // Not percent-encoded: Iceberg readers take locations as plain text (PyIceberg and Hadoop do not decode).
    return `file://${this.#root}/${checkKey(key)}`;
  }

  async write(key: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<void> {
    const target = this.#path(key);
    const temporary = this.#temporary();
    try {
      await writeSynced(temporary, bytes);
      await this.#makeFolder(path.dirname(target));
      if (options.onlyIfAbsent) await linkNew({ from: temporary, to: target, key });
      else await rename(temporary, target);
      await syncPath(path.dirname(target));
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async moveIn(key: string, localPath: string): Promise<{ bytes: number }> {
    const target = this.#path(key);
    await syncPath(localPath);
    // The clean-up of orphans counts age from here, as with an upload, not from when an engine wrote the file.
    const now = new Date();
    await utimes(localPath, now, now);
    await this.#makeFolder(path.dirname(target));
    await linkNew({ from: localPath, to: target, key }).catch((error: unknown) => {
      if (!hasCode(error, 'EXDEV')) throw error;
      return this.#copyIn(localPath, { to: target, key });
    });
    await syncPath(path.dirname(target));
    await rm(localPath);
    return { bytes: (await stat(target)).size };
  }

  async read(key: string): Promise<Uint8Array> {
    return await readFile(this.#path(key)).catch((error: unknown) => {
      throw missingOr(error, key);
    });
  }

  async localFile(key: string): Promise<string> {
    const file = this.#path(key);
    await stat(file).catch((error: unknown) => {
      throw missingOr(error, key);
    });
    return file;
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    yield* listFolder(this.#path(prefix), prefix);
  }

  async remove(keys: string[]): Promise<void> {
    const paths = keys.map((key) => this.#path(key));
    for (let start = 0; start < paths.length; start += REMOVALS_AT_ONCE) {
      await Promise.all(
        paths.slice(start, start + REMOVALS_AT_ONCE).map((file) => rm(file, { force: true })),
      );
    }
  }

  async removeUnfinished(before: Date): Promise<number> {
    const folder = path.join(this.#root, TEMPORARY);
    let removed = 0;
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      const facts = await stat(file).catch(() => null);
      // Younger ones may belong to a writer that lives.
      if (facts === null || facts.mtime >= before) continue;
      await rm(file, { force: true });
      removed++;
    }
    return removed;
  }

  #path(key: string): string {
    return path.join(this.#root, checkKey(key));
  }

  #temporary(): string {
    return path.join(this.#root, TEMPORARY, randomUUID());
  }

  async #copyIn(localPath: string, target: { to: string; key: string }): Promise<void> {
    const temporary = this.#temporary();
    try {
      await copyFile(localPath, temporary, constants.COPYFILE_EXCL);
      await syncPath(temporary);
      await linkNew({ from: temporary, ...target });
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** New folders must be durable too, up to the first that was there before. */
  async #makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true });
    if (first === undefined) return;
    for (let at = folder; at.length >= path.dirname(first).length; at = path.dirname(at)) await syncPath(at);
  }
}

/** link(2) fails when the name is taken, which rename(2) does not: the local form of a conditional put. */
async function linkNew(names: { from: string; to: string; key: string }): Promise<void> {
  await link(names.from, names.to).catch((error: unknown) => {
    if (hasCode(error, 'EEXIST')) throw new MeshError('lake.object-exists', { facts: { key: names.key } });
    throw error;
  });
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncPath(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Only plain files and folders whose names are keys: a link planted in the root leads nowhere. */
async function* listFolder(folder: string, prefix: string): AsyncIterable<StoredObject> {
  const entries = await opendir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (!entries) return;
  for await (const entry of entries) {
    const at = path.join(folder, entry.name);
    const key = `${prefix}/${entry.name}`;
    if (entry.isDirectory() && isKey(key)) yield* listFolder(at, key);
    if (!entry.isFile() || !isKey(key)) continue;
    const facts = await stat(at).catch(() => null);
    if (facts) yield { key, bytes: facts.size, modifiedAt: facts.mtime };
  }
}

function missingOr(error: unknown, key: string): unknown {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')
    ? new MeshError('lake.object-missing', { facts: { key }, cause: error })
    : error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
