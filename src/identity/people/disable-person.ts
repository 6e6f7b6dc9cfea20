import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import type { Transaction } from '../../store/database.ts';
import { operation } from '../context.ts';
import { deleteObjectsOf } from '../issuer/store.ts';
import { deleteLinksOf } from '../passwords/store.ts';
import { recordIdentityChange } from '../record-identity-change.ts';
import { endSessions } from '../sessions/store.ts';
import { needAdministrator, needPerson } from './need-person.ts';
import { markDisabled, revokeTokensOf } from '../store.ts';
import { lockAdministrators } from './store.ts';

const PERSON = z.object({ email: z.string().max(320) });

export const disablePerson = operation({
  name: 'person.disable',
  summary: 'A person has left: sessions and tokens end now, and nobody signs in as them any more.',
  effect: 'write',
  http: { method: 'POST', path: '/people/disable' },
  scope: 'admin',
  input: PERSON,
  output: z.object({ email: z.string(), disabled: z.literal(true) }),
  async run(context, { email }) {
    const { caller, clock, database } = context;
    needAdministrator(caller, 'disable');
    const person = await needPerson(database.reader, email);
    await database.transact(async (transaction) => {
      const administrators = await lockAdministrators(transaction);
      if (administrators.includes(person.id) && administrators.length === 1)
        throw new MeshError('auth.last-administrator', { facts: { person: email } });
      await markDisabled(transaction, { principalId: person.id, kind: 'person', at: clock.now() });
      await endSignIns(transaction, person.id, clock.now());
      await recordIdentityChange(context, transaction, { action: 'person.disable', object: person.id });
    });
    return { email, disabled: true as const };
  },
});

export const enablePerson = operation({
  name: 'person.enable',
  summary: 'A person is back: they may sign in again; what had ended does not come back.',
  effect: 'write',
  http: { method: 'POST', path: '/people/enable' },
  scope: 'admin',
  input: PERSON,
  output: z.object({ email: z.string(), disabled: z.literal(false) }),
  async run(context, { email }) {
    const { caller, database } = context;
    needAdministrator(caller, 'enable');
    const person = await needPerson(database.reader, email);
    await database.transact(async (transaction) => {
      await markDisabled(transaction, { principalId: person.id, kind: 'person', at: null });
      await recordIdentityChange(context, transaction, { action: 'person.enable', object: person.id });
    });
    return { email, disabled: false as const };
  },
});

/** Everything a principal is signed in with. */
async function endSignIns(transaction: Transaction, principalId: string, at: Date): Promise<void> {
  await endSessions(transaction, { principalId, at });
  await revokeTokensOf(transaction, principalId, at);
  await deleteLinksOf(transaction, principalId);
  await deleteObjectsOf(transaction, principalId);
}
