import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClientConfig } from '../config.ts';

const FILE = z.object({ tokens: z.record(z.string(), z.string()) });

const pathOf = (config: ClientConfig) => join(config.configFolder, 'tokens.json');

/** The token of the last `login` at this server, or null. */
export async function readSavedToken(config: ClientConfig): Promise<string | null> {
  return (await readAll(config))[config.url] ?? null;
}

/** Keeps a token for this server in a file only its owner may read. */
export async function saveToken(config: ClientConfig, token: string): Promise<string> {
  const path = pathOf(config);
  const tokens = { ...(await readAll(config)), [config.url]: token };
  await mkdir(config.configFolder, { recursive: true, mode: 0o700 });
  await writeFile(path, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
  return path;
}

async function readAll(config: ClientConfig): Promise<Record<string, string>> {
  const text = await readFile(pathOf(config), 'utf8').catch(() => '{"tokens":{}}');
  try {
    return FILE.parse(JSON.parse(text)).tokens;
  } catch {
    return {};
  }
}
