import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import { operation } from '../context.ts';
import { makeLink } from '../passwords/one-time-link.ts';
import { recordIdentityChange } from '../record-identity-change.ts';
import { needAdministrator, needPerson } from './need-person.ts';

export const invitePerson = operation({
  name: 'person.invite',
  summary: 'Make a link by which a person sets a password, once; the links made before count no more.',
  effect: 'write',
  http: { method: 'POST', path: '/people/invite' },
  scope: 'admin',
  input: z.object({ email: z.string().max(320) }),
  output: z.object({
    path: z.string().describe('behind the address of the mesh; shown once'),
    expiresAt: z.string(),
  }),
  async run(context, { email }) {
    const { caller, clock, database } = context;
    needAdministrator(caller, 'invite');
    const person = await needPerson(database.reader, email);
    if (person.disabled_at !== null) throw new MeshError('not-found', { facts: { what: `person ${email}` } });
    const link = await database.transact(async (transaction) => {
      await recordIdentityChange(context, transaction, { action: 'person.invite', object: person.id });
      return makeLink(transaction, { principalId: person.id, purpose: 'password', at: clock.now() });
    });
    return { path: link.path, expiresAt: isoTime(link.expiresAt) };
  },
});
