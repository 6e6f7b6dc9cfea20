import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { MeshError } from '../base/errors.ts';
import { hasScope, needOwnHand, TOKEN_SCOPES } from './caller.ts';
import { operation } from './context.ts';
import { findOwnServiceAccount, SERVICE_ACCOUNT } from './find-own-account.ts';
import { recordIdentityChange } from './record-identity-change.ts';
import { issueToken } from './tokens.ts';

/** A token without end is a key under the mat: a year is the longest. */
const MAX_DAYS = 366;

export const createToken = operation({
  name: 'token.create',
  summary:
    'Create a token for yourself, or for a service account of a domain you own. The secret is shown once.',
  effect: 'write',
  http: { method: 'POST', path: '/tokens' },
  scope: 'write',
  input: z.object({
    name: z.string().trim().min(1).max(100).default('token'),
    scopes: z.array(z.enum(TOKEN_SCOPES)).min(1).optional().describe('default: those of the calling token'),
    days: z.coerce.number().int().min(1).max(MAX_DAYS).default(90),
    service: SERVICE_ACCOUNT.optional(),
  }),
  output: z.object({
    id: z.string(),
    secret: z.string(),
    scopes: z.array(z.string()),
    expiresAt: z.string(),
  }),
  async run(context, input) {
    const { caller, clock, database } = context;
    needOwnHand(caller, 'create tokens');
    const scopes = input.scopes ?? caller.scopes;
    const missing = scopes.find((scope) => !hasScope(caller, scope));
    if (missing !== undefined) throw new MeshError('auth.scope', { facts: { scope: missing } });
    const principalId =
      input.service === undefined
        ? caller.id
        : await findOwnServiceAccount(context, { service: input.service, action: 'create tokens for' });
    const at = clock.now();
    const expiresAt = new Date(at.getTime() + input.days * 86_400_000);
    const token = await database.transact(async (transaction) => {
      const issued = await issueToken(transaction, { principalId, name: input.name, scopes, at, expiresAt });
      await recordIdentityChange(context, transaction, {
        action: 'token.create',
        object: issued.id,
        facts: { principal: principalId },
      });
      return issued;
    });
    return { ...token, scopes, expiresAt: isoTime(expiresAt) };
  },
});
