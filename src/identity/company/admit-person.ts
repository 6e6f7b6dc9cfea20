import { isDeepStrictEqual } from 'node:util';
import { MeshError } from '../../base/errors.ts';
import { insertChange } from '../../store/changes.ts';
import type { Transaction } from '../../store/database.ts';
import type { Parts } from '../context.ts';
import { type DeclaredAttributes, refreshAttributes } from '../refresh-attributes.ts';
import { insertPrincipal, removeMembership } from '../store.ts';
import { type CompanyPerson, rolesBy } from './company-claims.ts';
import type { RoleRule } from './settings.ts';
import {
  findKnown,
  findUnlinked,
  giveMembership,
  listMemberships,
  listOpenDomains,
  lockSubject,
  readDeclaredAttributes,
  saveKnown,
} from './store.ts';

/**
 * The principal of somebody whom the company's provider has named, with the groups, claims and memberships
 * that it gives them now. Whoever is new gets a place in the mesh when a rule gives them a domain, or when
 * they are known by their address.
 * @throws MeshError `auth.not-admitted`
 */
export async function admitPerson(parts: Parts, person: CompanyPerson, requestId: string): Promise<string> {
  const { database } = parts;
  const known = await findKnown(database.reader, person);
  if (known !== undefined && isSame(known, person)) return known.principal_id;
  return database.transact(async (transaction) => {
    await lockSubject(transaction, person);
    const at = parts.clock.now();
    const rules = parts.settings.company?.rules ?? [];
    const principalId = await principalFor(transaction, { person, rules, at });
    await saveKnown(transaction, person, { principalId, at });
    await bringMemberships(transaction, { person, rules, principalId, at, requestId });
    return principalId;
  });
}

/** The order of a provider's answer is no difference; the groups are sorted when they are read. */
function isSame(known: { groups: string[]; claims: object }, { groups, claims }: CompanyPerson): boolean {
  return isDeepStrictEqual([known.groups, known.claims], [groups, claims]);
}

interface Newcomer {
  person: CompanyPerson;
  rules: RoleRule[];
  at: Date;
}

async function principalFor(transaction: Transaction, { person, rules, at }: Newcomer): Promise<string> {
  const known = await findKnown(transaction, person);
  if (known !== undefined) return known.principal_id;
  const { email, name } = person;
  if (email === null) throw new MeshError('auth.not-admitted', { detail: 'no verified address' });
  const sameAddress = await findUnlinked(transaction, email);
  // An address that moved to another person does not take the first one's place along.
  if (sameAddress !== undefined && sameAddress.subject !== null)
    throw new MeshError('auth.not-admitted', { detail: 'the address is that of another subject' });
  if (sameAddress !== undefined) return sameAddress.id;
  if (rolesBy(rules, person).size === 0)
    throw new MeshError('auth.not-admitted', { detail: 'no rule applies' });
  return insertPrincipal(transaction, { name, email, domainId: null, at });
}

interface Reconciling extends Newcomer {
  principalId: string;
  requestId: string;
}

/** What is declared in domain.yaml stays as it is; the others follow the rules. */
async function bringMemberships(transaction: Transaction, facts: Reconciling): Promise<void> {
  const { person, rules, principalId } = facts;
  const roles = rolesBy(rules, person);
  const domains = await listOpenDomains(transaction, [...roles.keys()]);
  const wanted = new Map(domains.map(({ id, name }) => [id, roles.get(name)!]));
  const current = await listMemberships(transaction, principalId);
  for (const { domain_id: domainId, role, is_given } of current) {
    const next = wanted.get(domainId);
    wanted.delete(domainId);
    if (!is_given || next === role) continue;
    if (next === undefined) await removeMembership(transaction, { domainId, principalId });
    else await giveMembership(transaction, { domainId, principalId, role: next });
    await recordMembership(transaction, facts, { domainId, from: role, to: next ?? null });
  }
  for (const [domainId, role] of wanted) {
    await giveMembership(transaction, { domainId, principalId, role });
    await recordMembership(transaction, facts, { domainId, from: null, to: role });
  }
  const declared = (await readDeclaredAttributes(transaction)) as DeclaredAttributes;
  await refreshAttributes(transaction, declared, [principalId]);
}

function recordMembership(
  transaction: Transaction,
  { principalId, requestId, at }: Reconciling,
  { domainId, from, to }: { domainId: string; from: string | null; to: string | null },
): Promise<void> {
  return insertChange(transaction, {
    at,
    actor: principalId,
    door: 'web',
    requestId,
    action: 'membership.by-company',
    object: principalId,
    domainId,
    allowed: true,
    reasons: ['the company’s provider names groups or claims that a rule maps'],
    facts: { from, to },
  });
}
