import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { operation } from './context.ts';
import { findOwnServiceAccount, SERVICE_ACCOUNT } from './find-own-account.ts';
import { listTokens as listTokenRows } from './store.ts';

export const listTokens = operation({
  name: 'token.list',
  summary: 'Your tokens, or those of a service account of a domain you own, without their secrets.',
  effect: 'read',
  http: { method: 'GET', path: '/tokens' },
  scope: 'read',
  input: z.object({ service: SERVICE_ACCOUNT.optional() }),
  output: z.object({
    tokens: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        scopes: z.array(z.string()),
        createdAt: z.string(),
        expiresAt: z.string().nullable(),
        revokedAt: z.string().nullable(),
      }),
    ),
  }),
  async run(context, { service }) {
    const { caller, database } = context;
    const principalId =
      service === undefined
        ? caller.id
        : await findOwnServiceAccount(context, { service, action: 'list tokens of' });
    const rows = await listTokenRows(database.reader, principalId);
    return {
      tokens: rows.map((row) => ({
        id: row.id,
        name: row.name,
        scopes: row.scopes,
        createdAt: isoTime(row.created_at),
        expiresAt: row.expires_at === null ? null : isoTime(row.expires_at),
        revokedAt: row.revoked_at === null ? null : isoTime(row.revoked_at),
      })),
    };
  },
});
