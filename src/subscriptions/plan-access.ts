import { isoTime } from '../base/clock.ts';
import { MeshError } from '../base/errors.ts';
import { MESH_SCOPE, policySource } from '../audit/decisions.ts';
import { RefusedByPolicy } from '../audit/policy-forbids.ts';
import { type AccessPlan, planAccess, type Restriction, type Via } from '../policy/access-plan.ts';
import type { Action, DecisionContext, DomainTags, Principal, ProductTraits } from '../policy/action.ts';
import { type Decision, decide, decideRead } from '../policy/decide.ts';
import { preparePolicies } from '../policy/policies.ts';
import { plainTags, readTags } from '../policy/tags.ts';
import { lastDayOf } from '../products/majors/sunset.ts';
import { addressOf } from '../products/product-name.ts';
import { type DatasetTags, datasetTags, planTags } from '../policy/dataset-tags.ts';
import { likenessOf, type LikeQuestion } from './likeness.ts';
import type { AccessFacts, AccessRelease, AccessSubscription } from './store.ts';

/** Who reads: a caller, or a domain whose pipeline reads on its behalf. */
export interface Reading {
  principal: Principal;
  /** Domains whose subscriptions count, by id. */
  domainIds: string[];
  /** Names the subscription where several would apply: its purpose, or its id. */
  purpose?: string | undefined;
  /** The product a pipeline belongs to: the datasets of one major read each other. */
  productId?: string;
  now: Date;
  /** Absent where nobody reads now: who could. */
  origin?: DecisionContext['origin'];
}

/** A dataset that may be read, with what may be seen of it. */
export interface PlannedDataset {
  facts: AccessFacts;
  plan: AccessPlan;
  table: { id: string; metadataKey: string };
  release: AccessRelease;
}

/** Whether the dataset's product exists for this reader at all. */
export function mayDiscover(facts: AccessFacts, reading: Reading): boolean {
  const { domain, product } = facts;
  const asked = { action: 'product.discover' as const, ...reading };
  const decision = decideOnce(facts, asked, () => {
    const traits = traitsOf(facts, tagsOf(facts));
    return decide({
      ...decisionOf(facts, reading),
      action: 'product.discover',
      resource: { type: 'Product', domain, product, ...traits },
    });
  });
  return decision.allowed;
}

/** Decisions from the same facts: of all who are asked about, most are alike. */
const decided = new WeakMap<AccessFacts, Map<string, Decision<Action>>>();

function decideOnce(
  facts: AccessFacts,
  asking: LikeQuestion,
  decideAnew: () => Decision<Action>,
): Decision<Action> {
  const known = decided.get(facts) ?? new Map<string, Decision<Action>>();
  decided.set(facts, known);
  const key = likenessOf(asking, facts);
  const answer = known.get(key) ?? decideAnew();
  known.set(key, answer);
  return answer;
}

/**
 * The access plan of one dataset: one right chosen, one decision, one pure plan. Every door uses this.
 * @throws MeshError `query.no-subscription`, `query.purpose-needed`, `query.no-release`, and `RefusedByPolicy`
 */
export function planDataset(facts: AccessFacts, reading: Reading): PlannedDataset {
  const via = chooseVia(facts, reading);
  const decision = decideReading(facts, reading, via);
  if (!decision.allowed) {
    const { domain, product } = facts;
    throw new RefusedByPolicy({
      ...{ decision, action: 'product.read', domain, product },
      what: productName(facts),
    });
  }
  if (facts.release === null || facts.table === null) {
    throw new MeshError('query.no-release', { facts: { dataset: `${productName(facts)}.${facts.dataset}` } });
  }
  const { table, release } = facts;
  return { facts, plan: planThrough({ ...facts, release }, via, reading), table, release };
}

/** Facts of a dataset that has rows. */
type Released = AccessFacts & { release: AccessRelease };

function planThrough(
  facts: Released,
  via: Via,
  { principal, now }: Pick<Reading, 'principal' | 'now'>,
): AccessPlan {
  const tags = planTags(tagsOf(facts));
  return planAccess({
    dataset: {
      id: facts.datasetId,
      domain: facts.domain,
      product: facts.product,
      name: facts.dataset,
      columns: facts.release.columns,
      // A column that the contract dropped since the release keeps the tags it was released with.
      columnTags: { ...facts.release.columnTags, ...tags.columnTags },
      partTags: { ...facts.release.partTags, ...tags.partTags },
    },
    principal: {
      id: principal.id,
      kind: principal.kind,
      domains: principal.roles.map(({ domain }) => domain),
      attributes: principal.attributes,
    },
    via,
    restrictions: facts.restrictions.map((row) => restrictionOf(row, facts)),
    now: isoTime(now),
  });
}

/** Columns of the release that a right shows, plain or masked. None where there is no release. */
export function columnsThrough(facts: AccessFacts, via: Via, now: Date): Set<string> {
  return new Set(planOfColumns(facts, via, now)?.columns.map(({ name }) => name));
}

/**
 * What a right shows of the release's columns: the same for everybody who has the right, for only rows depend on
 * who asks. Null where there is no release.
 */
export function planOfColumns(
  facts: AccessFacts,
  via: Via,
  now: Date,
): Pick<AccessPlan, 'columns' | 'hidden'> | null {
  if (facts.release === null) return null;
  const anybody: Principal = {
    id: '',
    kind: 'person',
    administrator: false,
    roles: [{ domain: via.domain, role: 'analyst' }],
    attributes: {},
  };
  return planThrough({ ...facts, release: facts.release }, via, { principal: anybody, now });
}

function productName({ domain, product }: AccessFacts): string {
  return `${domain}.${product}`;
}

/** Own data needs no subscription; of others' exactly one subscription must apply. */
function chooseVia(facts: AccessFacts, { principal, domainIds, purpose }: Reading): Via {
  if (domainIds.includes(facts.domainId)) return { kind: 'own-domain', domain: facts.domain };
  const mine = subscriptionsOf(facts, { principal });
  const fitting =
    mine.length > 1 && purpose !== undefined
      ? mine.filter((one) => [one.purpose, one.id].includes(purpose))
      : mine;
  const [only, another] = fitting;
  if (only === undefined || another !== undefined) throw notOne(facts, mine, fitting.length);
  return viaOf(only, principal.roles[0]?.domain);
}

/**
 * A purpose that is named has to be the purpose (or the id) of a right that something is read through, also where
 * each product has only one: who says what for is held to it.
 * @throws MeshError `query.purpose-unknown`
 */
export function needPurpose(planned: PlannedDataset[], reading: Reading): void {
  const { purpose } = reading;
  const granted = planned.filter(({ plan: { via } }) => via.kind !== 'own-domain');
  const [first] = granted;
  if (purpose === undefined || first === undefined) return;
  const isNamed = granted.some(({ facts, plan: { via } }) => {
    const right = facts.subscriptions.find((one) => via.kind !== 'own-domain' && one.id === via.id);
    return right !== undefined && [right.id, right.purpose].includes(purpose);
  });
  if (!isNamed) throw purposeUnknown(first.facts, subscriptionsOf(first.facts, reading));
}

/** The right that a subscription is. */
export function viaOf(
  { id, domain, granted, purpose, until, elevated }: AccessSubscription,
  firstDomain = '',
): Via {
  const grant = { ...granted, purpose, until };
  if (elevated === undefined) return { kind: 'subscription', id, domain, grant };
  // It is the person's and no domain's; use is counted for the first of theirs.
  return { kind: 'elevation', id, domain: firstDomain, grant };
}

/** The subscriptions of the reader's domains among those read, of its own domain there are none; and an elevation. */
export function subscriptionsOf(
  facts: AccessFacts,
  { principal }: Pick<Reading, 'principal'>,
): AccessFacts['subscriptions'] {
  const names = new Set(principal.roles.map(({ domain }) => domain));
  return facts.subscriptions.filter(({ domain, elevated }) =>
    elevated === undefined ? names.has(domain) : elevated === principal.id,
  );
}

/** `sales.sell-out`, or `sales.sell-out@1` for a major that is not the current one. */
export function majorName({ domain, product: name, major, isCurrent }: AccessFacts): string {
  return addressOf({ domain, name, major, is_current: isCurrent });
}

/** The refusal of a major whose sunset has come, with what to do. */
export function versionEnded(ended: AccessFacts): MeshError {
  return new MeshError('query.version-ended', {
    facts: {
      version: majorName(ended),
      product: productName(ended),
      date: lastDayOf(new Date(ended.sunsetAt ?? 0)),
    },
  });
}

function notOne(facts: AccessFacts, mine: AccessFacts['subscriptions'], fitting: number): MeshError {
  const product = productName(facts);
  if (mine.length === 0) {
    if (facts.ended !== undefined) return versionEnded(facts.ended);
    const { status } = facts;
    return new MeshError('query.no-subscription', { facts: { product, status } });
  }
  if (fitting === 0) return purposeUnknown(facts, mine);
  return new MeshError('query.purpose-needed', { facts: { product, purposes: purposesOf(mine) } });
}

function purposeUnknown(facts: AccessFacts, mine: AccessFacts['subscriptions']): MeshError {
  const product = productName(facts);
  return new MeshError('query.purpose-unknown', { facts: { product, purposes: purposesOf(mine) } });
}

/** `"plan it" (marketing, sub_…)`; an elevation is of no domain. */
function purposesOf(mine: AccessFacts['subscriptions']): string[] {
  return mine.map(
    ({ purpose, domain, id, elevated }) =>
      `${JSON.stringify(purpose)} (${elevated === undefined ? `${domain}, ` : ''}${id})`,
  );
}

function decideReading(facts: AccessFacts, reading: Reading, via: Via): Decision<Action> {
  const { domain, product, dataset } = facts;
  const through = contextOf(via);
  return decideOnce(facts, { action: 'product.read', ...reading, ...through }, () => {
    const tags = tagsOf(facts);
    const decision = decisionOf(facts, reading);
    const datasetTagged = { datasetTags: plainTags(tags.dataset), ...traitsOf(facts, tags) };
    return decideRead({
      ...decision,
      context: { ...decision.context, ...through },
      resource: { type: 'Dataset', domain, product, dataset, ...datasetTagged },
    });
  });
}

/** What the right that is used adds to what policies may ask for. */
function contextOf(via: Via): Pick<DecisionContext, 'subscription' | 'elevation' | 'purpose'> {
  if (via.kind === 'own-domain') return {};
  const { domain, grant } = via;
  if (via.kind === 'subscription') return { subscription: { domain, purpose: grant.purpose } };
  return { elevation: { named: true, allowed: true }, purpose: grant.purpose };
}

/** What every decision about these facts is made from. */
function decisionOf({ taggedDomains, policies }: AccessFacts, { principal, now, origin }: Reading) {
  const context: DecisionContext = { now: isoTime(now), ...(origin && { origin }) };
  const domainTags: DomainTags = new Map(
    Object.entries(taggedDomains).map(([name, texts]) => [name, readTags(texts)]),
  );
  return { principal, context, domainTags, policies: preparePolicies(policies.map(policySource)) };
}

const known = new WeakMap<AccessFacts, DatasetTags>();

/** Effective tags, once for everybody who is judged by the same facts. */
export function tagsOf(facts: AccessFacts): DatasetTags {
  const { contract, productTags, taggedDomains, domain } = facts;
  const domainTags = Object.hasOwn(taggedDomains, domain) ? taggedDomains[domain]! : [];
  const tags = known.get(facts) ?? datasetTags({ contract, productTags, domainTags });
  known.set(facts, tags);
  return tags;
}

function traitsOf({ status }: AccessFacts, { product }: DatasetTags): ProductTraits {
  return { tags: plainTags(product), status };
}

function restrictionOf(row: AccessFacts['restrictions'][number], facts: AccessFacts): Restriction {
  const level = row.scopeId === MESH_SCOPE ? 'mesh' : row.scopeId === facts.domainId ? 'domain' : 'product';
  return { ...(row.document as unknown as Restriction), id: row.id, name: row.name, level };
}
