import { MeshError } from '../../base/errors.ts';
import type { Reader } from '../../store/database.ts';
import { type Caller, needOwnHand } from '../caller.ts';
import { findPerson } from './store.ts';

/** Only administrators run the list of people. @throws MeshError `auth.forbidden` */
export function needAdministrator(caller: Caller, action: string): void {
  needOwnHand(caller, `${action} people`);
  if (caller.administrator) return;
  throw new MeshError('auth.forbidden', { facts: { action, what: 'people', owner: 'the mesh' } });
}

/** @throws MeshError `not-found` */
export async function needPerson(reader: Reader, email: string) {
  const person = await findPerson(reader, email);
  if (person === undefined) throw new MeshError('not-found', { facts: { what: `person ${email}` } });
  return person;
}
