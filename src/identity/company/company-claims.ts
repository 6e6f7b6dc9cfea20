import type { Role } from '../../store/schema.ts';
import type { CompanySettings, RoleRule } from './settings.ts';

/** More is a directory, not what somebody is asked about with each request. */
const MOST_GROUPS = 500;
const LONGEST = 300;

/** What the provider says of a person, as far as the mesh keeps it. */
export interface CompanyPerson {
  issuer: string;
  subject: string;
  /** Null when there is none, or none that counts. */
  email: string | null;
  name: string;
  groups: string[];
  claims: Record<string, string | string[]>;
}

/** Reads what an ID token, or an access token, says of its subject. */
export function readPerson(
  said: Record<string, unknown> & { sub: string },
  settings: CompanySettings,
): CompanyPerson {
  const email = textOf(said['email']);
  const counts = settings.trustsEmail || said['email_verified'] === true;
  const claims = settings.keptClaims.flatMap((name): [string, string | string[]][] => {
    const value = said[name];
    if (Array.isArray(value)) return [[name, textsOf(value)]];
    const text = textOf(value);
    return text === null ? [] : [[name, text]];
  });
  return {
    issuer: settings.issuer,
    subject: said.sub,
    email: counts && email !== null ? email.toLowerCase() : null,
    name: textOf(said['name']) ?? textOf(said['preferred_username']) ?? email ?? said.sub,
    groups: textsOf([said[settings.groupsClaim]].flat()).sort(),
    claims: Object.fromEntries(claims),
  };
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : null;
}

function textsOf(values: unknown[]): string[] {
  const texts = values.map(textOf).filter((text) => text !== null);
  return [...new Set(texts)].slice(0, MOST_GROUPS);
}

const STRENGTH: Role[] = ['analyst', 'engineer', 'steward', 'owner'];

/** The domains that a person belongs to by the rules; of several roles in one the strongest. */
export function rolesBy(
  rules: RoleRule[],
  person: Pick<CompanyPerson, 'groups' | 'claims'>,
): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const rule of rules) {
    if (!applies(rule, person)) continue;
    const before = roles.get(rule.domain);
    if (before === undefined || STRENGTH.indexOf(rule.role) > STRENGTH.indexOf(before))
      roles.set(rule.domain, rule.role);
  }
  return roles;
}

/** A rule with group and claim asks for both; one with neither is never true. */
function applies(
  { group, claim, value }: RoleRule,
  person: Pick<CompanyPerson, 'groups' | 'claims'>,
): boolean {
  if (group === undefined && claim === undefined) return false;
  if (group !== undefined && !person.groups.includes(group)) return false;
  if (claim === undefined) return true;
  const has = Object.hasOwn(person.claims, claim) ? [person.claims[claim]!].flat() : [];
  return value !== undefined && has.includes(value);
}
