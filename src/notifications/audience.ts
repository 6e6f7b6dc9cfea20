import type { EventType } from '../store/outbox.ts';
import type { Role } from '../store/schema.ts';
import { rolesTold } from './event-roles.ts';

/** The domains an event concerns, by the side they stand on, and the people it names. */
export interface Sides {
  producers: string[];
  consumers: string[];
  principals: string[];
}

interface Addressed {
  type: EventType;
  domainId: string;
  audience: string | string[];
  actor: string | null;
  data: Record<string, unknown>;
}

/** Whom an event is addressed to, given the domains that subscribe to its product now. */
export function sidesOf({ audience, domainId }: Addressed, subscribers: string[]): Sides {
  if (typeof audience === 'string') {
    return {
      producers: audience === 'consumers' ? [] : [domainId],
      consumers: audience === 'producer' ? [] : subscribers.filter((id) => id !== domainId),
      principals: [],
    };
  }
  const domains = audience.filter((id) => id.startsWith('dom_'));
  return {
    producers: domains.filter((id) => id === domainId),
    consumers: domains.filter((id) => id !== domainId),
    principals: audience.filter((id) => !id.startsWith('dom_')),
  };
}

/**
 * Whether it is this person's business: by a role in one of the domains, or by name. Who was named beside
 * domains must belong to one of them still. Nobody is told what they did themselves.
 */
export function tellsPerson(
  { type, actor, data }: Addressed,
  { producers, consumers, principals }: Sides,
  { id, memberships }: { id: string; memberships: { domainId: string; role: Role }[] },
): boolean {
  if (id === actor) return false;
  const domains = [...producers, ...consumers];
  const belongs = memberships.some(({ domainId }) => domains.includes(domainId));
  if (principals.includes(id) && (belongs || domains.length === 0)) return true;
  const isToldAs = (side: 'producer' | 'consumers', ids: string[]) =>
    memberships.some(({ domainId, role }) => ids.includes(domainId) && rolesTold(type, side).includes(role));
  // The run itself has told them already, also those who read the dataset in another domain.
  const known = type === 'incident.opened' && ['run-failed', 'checks-failed'].includes(String(data['kind']));
  if (isToldAs('producer', producers)) return !known;
  return isToldAs('consumers', consumers);
}
