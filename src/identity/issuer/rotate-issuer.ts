import { z } from 'zod';
import { operation } from '../context.ts';
import { needAdministrator } from '../people/need-person.ts';
import { recordIdentityChange } from '../record-identity-change.ts';
import { rotateKeys } from './keys.ts';

export const rotateIssuer = operation({
  name: 'issuer.rotate',
  summary: 'A new signing key for the issuer; older ones verify for a week, or not at all.',
  effect: 'write',
  http: { method: 'POST', path: '/issuer/rotate' },
  scope: 'admin',
  input: z.object({
    forget: z.boolean().default(false).describe('older keys count no more: one was stolen'),
  }),
  output: z.object({ key: z.string() }),
  async run(context, { forget }) {
    needAdministrator(context.caller, 'rotate the keys of');
    return context.database.transact(async (transaction) => {
      const key = await rotateKeys(context, transaction, { forget });
      const change = { action: 'issuer.rotate', object: key, facts: { forget } };
      await recordIdentityChange(context, transaction, change);
      return { key };
    });
  },
});
