import { z } from 'zod';
import { canonicalJson } from '../../base/canonical.ts';
import type { AccessPlan } from '../../policy/access-plan.ts';
import { printRowFilter } from '../../policy/row-filter-print.ts';
import type { AccessFacts } from '../store.ts';
import type { Access } from './read-access.ts';
import { plansOf } from './reader-paths.ts';
import type { Candidate } from './store.ts';

export const ACCESS_CHANGE = z.object({
  change: z.enum(['gains', 'loses', 'sees differently']),
  who: z.string().describe('e-mail address, or name of a service account'),
  dataset: z.string(),
  producer: z.string(),
  domain: z.string().describe('whose membership gives the path'),
  purpose: z.string().nullable(),
  details: z.array(z.string()),
});
export type AccessChange = z.output<typeof ACCESS_CHANGE>;

/** Who sees more, less or something else of which dataset, by which path. Pure. */
export function compareAccess(before: Access, after: Access, now: Date): AccessChange[] {
  const datasetIds = new Set([...before.datasets.keys(), ...after.datasets.keys()]);
  const people = samePeople(before, after);
  return [...datasetIds].flatMap((id) => {
    const [was, is] = [before.datasets.get(id), after.datasets.get(id)];
    const unchanged = was !== undefined && is !== undefined && canonicalJson(was) === canonicalJson(is);
    return people.flatMap(({ was: earlier, is: later, same }) => {
      if (unchanged && same) return [];
      return compareReader({ facts: was, reader: earlier }, { facts: is, reader: later }, now);
    });
  });
}

interface Side {
  facts: AccessFacts | undefined;
  reader: Candidate | undefined;
}

function samePeople(before: Access, after: Access) {
  const ids = new Set([...before.people.keys(), ...after.people.keys()]);
  return [...ids].map((id) => {
    const [was, is] = [before.people.get(id), after.people.get(id)];
    return { was, is, same: canonicalJson(was ?? null) === canonicalJson(is ?? null) };
  });
}

function compareReader(before: Side, after: Side, now: Date): AccessChange[] {
  const was = plansByPath(before, now);
  const is = plansByPath(after, now);
  const { facts, reader } = after.facts && after.reader ? after : before;
  if (facts === undefined || reader === undefined) return [];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path): AccessChange[] => {
    const [earlier, later] = [was.get(path), is.get(path)];
    if (earlier?.hash === later?.hash) return [];
    const plan = (later ?? earlier)!;
    const change = { ...namesOf(plan, facts, reader), purpose: plan.purpose };
    if (earlier === undefined) return [{ ...change, change: 'gains', details: shown(plan) }];
    if (later === undefined) return [{ ...change, change: 'loses', details: shown(plan) }];
    return [{ ...change, change: 'sees differently', details: differences(earlier, later) }];
  });
}

function namesOf({ dataset, via }: AccessPlan, { domain }: AccessFacts, { name, email }: Candidate) {
  return { who: email ?? name, dataset, producer: domain, domain: via.domain };
}

function plansByPath({ facts, reader }: Side, now: Date): Map<string, AccessPlan> {
  if (facts === undefined || reader === undefined) return new Map();
  const plans = plansOf(facts, reader, now);
  return new Map(plans.map((plan) => [plan.via.kind === 'own-domain' ? 'own' : plan.via.id, plan]));
}

function shown({ columns, rowFilter }: AccessPlan): string[] {
  const masked = columns.filter(({ mask }) => mask !== null).map(({ name }) => name);
  return [
    `${columns.length} columns${masked.length > 0 ? `, masked ${masked.join(', ')}` : ''}`,
    `rows: ${rowsOf({ rowFilter })}`,
  ];
}

function rowsOf({ rowFilter }: Pick<AccessPlan, 'rowFilter'>): string {
  const text = printRowFilter(rowFilter);
  return text === 'true' ? 'all' : text;
}

function differences(earlier: AccessPlan, later: AccessPlan): string[] {
  const was = new Map(earlier.columns.map((column) => [column.name, column.mask?.action ?? 'plain']));
  const is = new Map(later.columns.map((column) => [column.name, column.mask?.action ?? 'plain']));
  const names = [...new Set([...was.keys(), ...is.keys()])];
  const columns = names.flatMap((name) => {
    const [from, to] = [was.get(name) ?? 'hidden', is.get(name) ?? 'hidden'];
    return from === to ? [] : [`${name}: ${from} -> ${to}`];
  });
  const rows = [rowsOf(earlier), rowsOf(later)];
  return rows[0] === rows[1] ? columns : [...columns, `rows: ${rows[0]} -> ${rows[1]}`];
}
