import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { operation } from './context.ts';
import { listTokens as listTokenRows } from './store.ts';

export const listTokens = operation({
  name: 'token.list',
  summary: 'Your tokens, without their secrets.',
  effect: 'read',
  http: { method: 'GET', path: '/tokens' },
  scope: 'read',
  input: z.object({}),
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
  async run({ caller, database }) {
    const rows = await listTokenRows(database.reader, caller.id);
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
