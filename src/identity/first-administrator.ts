import { chmod, writeFile } from 'node:fs/promises';
import type { Parts } from './context.ts';
import { makeLink } from './passwords/one-time-link.ts';
import { hasAdministrator, insertPrincipal } from './store.ts';
import { issueToken } from './tokens.ts';

const TOKEN_DAYS = 366;

/**
 * On the first start makes an administrator, writes a token to `path` (mode 0600), and makes a link for a
 * password, once.
 * @returns the secret and the link's path to show, or null when there is an administrator already
 */
export async function makeFirstAdministrator(
  parts: Parts,
  path: string,
): Promise<{ secret: string; linkPath: string } | null> {
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
    const link = await makeLink(transaction, { principalId, purpose: 'password', at });
    // Inside the transaction: an administrator whose token nobody has would lock everybody out.
    await writeFile(path, `${secret}\n`, { mode: 0o600 });
    await chmod(path, 0o600);
    return { secret, linkPath: link.path };
  });
}
