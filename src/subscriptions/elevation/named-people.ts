import type { Context } from '../../identity/context.ts';
import { ROLES } from '../../policy/action.ts';
import { readNamedPeople } from '../approval/store.ts';

/** Whether mesh.yaml names the caller, or a role of theirs, for this. */
export async function isNamedFor(
  { caller, database }: Context,
  duty: 'privacy' | 'breakGlass',
): Promise<boolean> {
  const { roles, people } = await readNamedPeople(database.reader, duty);
  if (people.includes(caller.id)) return true;
  return caller.domains.some(({ name, role }) => ROLES[role].some((one) => roles.includes(`${name}/${one}`)));
}
