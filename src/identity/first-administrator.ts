import { chmod, writeFile } from 'node:fs/promises';
import type { Parts } from './context.ts';
import { hasAdministrator, insertPrincipal } from './store.ts';
import { issueToken } from './tokens.ts';

const TOKEN_DAYS = 366;

/**
 * On the first start makes an administrator and writes its token to `path` (mode 0600), once.
 * @returns the secret to show, or null when there is an administrator already
 */
export async function makeFirstAdministrator(parts: Parts, path: string): Promise<string | null> {
  const { database, clock } = parts;
  if (await hasAdministrator(database.reader)) return null;
  const at = clock.now();
  return database.transact(async (transaction) => {
    if (await hasAdministrator(transaction)) return null;
    const principalId = await insertPrincipal(transaction, {
      name: 'Administrator',
      email: 'admin@localhost',
      domainId: null,
      administrator: true,
      at,
    });
    const expiresAt = new Date(at.getTime() + TOKEN_DAYS * 86_400_000);
    const { secret } = await issueToken(transaction, { principalId, name: 'first start', at, expiresAt });
    // Inside the transaction: an administrator whose token nobody has would lock everybody out.
    await writeFile(path, `${secret}\n`, { mode: 0o600 });
    await chmod(path, 0o600);
    return secret;
  });
}
