import { z } from 'zod';
import { MeshError } from '../base/errors.ts';
import { memberOf } from './caller.ts';
import { operation } from './context.ts';
import { recordIdentityChange } from './record-identity-change.ts';
import { findToken, markTokenRevoked } from './store.ts';

export const revokeToken = operation({
  name: 'token.revoke',
  summary: 'Revoke a token of yours, or of a service account of a domain you own.',
  effect: 'write',
  http: { method: 'DELETE', path: '/tokens/:id' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string(), revoked: z.literal(true) }),
  async run(context, input) {
    const { caller, clock, database } = context;
    const token = await findToken(database.reader, input.id);
    const owner = token?.domain_id == null ? false : memberOf(caller, token.domain_id)?.role === 'owner';
    if (token === undefined || (token.principal_id !== caller.id && !owner && !caller.administrator)) {
      throw new MeshError('not-found', { facts: { what: `token ${input.id}` } });
    }
    await database.transact(async (transaction) => {
      await markTokenRevoked(transaction, input.id, clock.now());
      const { principal_id: principalId } = token;
      await recordIdentityChange(context, transaction, {
        action: 'token.revoke',
        object: input.id,
        facts: { principal: principalId },
      });
    });
    return { id: input.id, revoked: true as const };
  },
});
