import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../base/errors.ts';
import { parseSecretKey, SecretBox } from '../base/secret-box.ts';

const FILE = 'secret-key';

/**
 * The box of a mesh with an embedded database: its key lies beside the database, made on the first start,
 * readable by its owner only. The folder's lock is held, so nobody else makes one.
 */
export async function openFolderSecrets(folder: string): Promise<SecretBox> {
  const path = join(folder, FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return new SecretBox([await makeKey(path)]);
  const key = parseSecretKey(text);
  if (key === undefined) throw new MeshError('secret.key-file', { facts: { path } });
  return new SecretBox([key]);
}

/** Whole or not at all: half a key would be a key that opens nothing. */
async function makeKey(path: string): Promise<Buffer> {
  const key = randomBytes(32);
  await writeFile(`${path}.new`, `${key.toString('base64')}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return key;
}
