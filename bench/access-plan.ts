/**
 * Decide and plan without I/O, in a mesh of 1,000 policies and 10,000 subscriptions of which 50 apply to
 * one product: policies of the mesh, its own, and restrictions (the built-in role policies come on top).
 */
import type { Principal } from '../src/policy/action.ts';
import { planAccess, type Grant, type PlanFacts, type Restriction } from '../src/policy/access-plan.ts';
import { compileDuckdbView } from '../src/policy/compile/duckdb.ts';
import { decideRead } from '../src/policy/decide.ts';
import { preparePolicies, type PolicySource, type PreparedPolicies } from '../src/policy/policies.ts';
import { parseRowFilter } from '../src/policy/row-filter.ts';
import { type Bench, latencies } from './bench.ts';

const PRODUCTS = 90;
const POLICIES_OF_A_PRODUCT = 11;
const MESH_POLICIES = 10;
const SUBSCRIPTIONS = 10_000;
const RESTRICTIONS_OF_A_PRODUCT = 29;
const COLUMNS = 60;
const BAR_MS = 1;
const NOW = '2026-11-23T09:00:00.000Z';

const meshPolicies: PolicySource = {
  level: 'mesh',
  name: 'mesh.cedar',
  text: Array.from(
    { length: MESH_POLICIES },
    (_, index) => `@id("mesh ${index}") forbid (principal, action == Action::"product.read", resource)
      when { resource.hasTag("embargo") && resource.getTag("embargo").contains("level-${index}")
        && !(principal.hasTag("cleared") && principal.getTag("cleared").contains("level-${index}")) };`,
  ).join('\n'),
};

const productPolicies = Array.from({ length: PRODUCTS }, (_, product): PolicySource => ({
  level: 'product',
  name: `domain${product}.product${product}`,
  text: Array.from(
    { length: POLICIES_OF_A_PRODUCT },
    (_, index) => `@id("opens to ${index}") permit (principal in Domain::"consumer${index}",
      action in [Action::"product.discover", Action::"product.request"], resource)
      when { principal.hasTag("region") && principal.getTag("region").contains("r${index}") };`,
  ).join('\n'),
}));

const restrictions = Array.from({ length: RESTRICTIONS_OF_A_PRODUCT }, (_, index): Restriction => ({
  id: `rst_${index}`,
  level: (['mesh', 'domain', 'product'] as const)[index % 3]!,
  name: `restriction-${index}`,
  appliesTo: index % 2 ? { tags: { layer: [`l${index % 7}`] } } : { columns: [`c${index}`, `c${index + 1}`] },
  ...(index % 4 === 0 && {
    rowFilter: parseRowFilter(`c${index} <> 'x${index}' and c1 in principal.regions`),
  }),
  ...(index % 4 !== 0 && { mask: { action: index % 3 ? 'show-last-4' : 'sha-256-global' } as const }),
}));

const grants = Array.from({ length: SUBSCRIPTIONS }, (_, index): Grant => ({
  columns: Array.from({ length: COLUMNS - (index % 10) }, (_, column) => `c${column}`),
  rowFilter: parseRowFilter(`c0 in ('a${index}', 'b') or c2 between 'a' and 'm'`),
  masks: { [`c${index % COLUMNS}`]: { action: 'mask-alphanum' } },
  purpose: 'forecast',
  until: '2027-12-31',
}));

const columns = Array.from({ length: COLUMNS }, (_, index) => ({
  id: index + 1,
  name: `c${index}`,
  type: { kind: 'string' as const },
  required: false,
}));
const columnTags = Object.fromEntries(columns.map(({ name }, index) => [name, { layer: `l${index % 7}` }]));

const domainTags = new Map([['domain1', { zone: 'europe' }]]);

/** What happens between the read of the facts and the engine, for one query of one subscriber. */
function decideAndPlan(round: number, policies: PreparedPolicies): void {
  const product = round % PRODUCTS;
  const consumer = `consumer${round % POLICIES_OF_A_PRODUCT}`;
  const names = { domain: `domain${product}`, product: `product${product}` };
  const attributes = { regions: ['r1', 'r2'], region: `r${round % POLICIES_OF_A_PRODUCT}` };
  const principal: Principal = {
    id: `usr_${round % 500}`,
    kind: 'person',
    administrator: false,
    roles: [{ domain: consumer, role: 'analyst' }],
    attributes,
  };
  const resource = {
    ...{ type: 'Dataset' as const, ...names, dataset: 'facts' },
    ...{ tags: { layer: 'core' }, datasetTags: { layer: 'core' }, status: 'published' as const },
  };
  const context = { now: NOW, subscription: { domain: consumer, purpose: 'forecast' } };
  const decision = decideRead({ principal, resource, context, domainTags, policies });
  if (!decision.allowed)
    throw new Error(`expected to be allowed: ${decision.reasons.join()} ${decision.errors.join()}`);
  const facts: PlanFacts = {
    dataset: { id: `dts_${product}`, ...names, name: 'facts', columns, columnTags, partTags: {} },
    principal: { id: principal.id, kind: principal.kind, domains: [consumer], attributes },
    via: {
      kind: 'subscription',
      id: `sub_${round}`,
      domain: consumer,
      grant: grants[round % SUBSCRIPTIONS]!,
    },
    restrictions,
    now: NOW,
  };
  compileDuckdbView(planAccess(facts), { relation: 't', querySalt: 'sixteen characters' });
}

/** Decide and plan as each query does, in turn for all products. */
export const accessPlan: Bench = {
  name: 'access-plan',
  async run({ quick }) {
    const policies = preparePolicies([meshPolicies, ...productPolicies]);
    for (let round = 0; round < 2_000; round++) decideAndPlan(round, policies);
    const elapsedMs: number[] = [];
    for (let round = 0; round < (quick ? 2_000 : 20_000); round++) {
      const started = performance.now();
      decideAndPlan(round, policies);
      elapsedMs.push(performance.now() - started);
    }
    const total = (MESH_POLICIES + PRODUCTS * POLICIES_OF_A_PRODUCT).toLocaleString('en');
    const subject = `access plan alone (decide, plan, compile): ${total} policies, ${SUBSCRIPTIONS.toLocaleString('en')} subscriptions, 50 apply`;
    return [latencies({ subject, elapsedMs, share: 0.99, barMs: BAR_MS })];
  },
};
