import type { Role } from '../store/schema.ts';

/** Whom to ask about a domain's products: its owners and stewards, by name. */
export function contactsOf(members: { name: string; role: Role }[]): { name: string; role: Role }[] {
  return members
    .filter(({ role }) => role === 'owner' || role === 'steward')
    .map(({ name, role }) => ({ name, role }));
}
