import type { ColumnUse } from '../audit/store.ts';
import type { Column } from '../base/data-type.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Problem } from '../base/errors.ts';
import type { DecisionContext, DomainTags, Principal, ProductTraits } from '../policy/action.ts';
import type { PreparedPolicies } from '../policy/policies.ts';
import { inheritTags, readTags, tagText } from '../policy/tags.ts';
import type { DerivedColumn } from '../products/derived/derived-columns.ts';
import { judgeDerived } from '../products/derived/judge-derived.ts';
import { forbiddenBy } from '../products/forbidden-by.ts';
import { judgePublication } from '../products/judge-publication.ts';
import { defaultSunset } from '../products/majors/sunset.ts';
import type { RunningVersion, Verdict } from '../products/publication.ts';
import { versionHash } from '../products/version-hash.ts';
import { isChange } from './change.ts';
import { type DeclaredProduct, fullName } from './declaration.ts';
import { endOf } from './find-grant.ts';
import type { ProductPlan } from './product-plan.ts';
import type { ProductState } from './state.ts';

/** What is known beside the folder when an offer is judged. */
export interface OfferFacts {
  /** Who applies. */
  by: Principal;
  origin: DecisionContext['origin'];
  /** As they will be. */
  domainTags: DomainTags;
  /** The policies of the mesh, as they will be. */
  policies: PreparedPolicies;
  /** Who lately read which column of datasets that change. */
  use: ColumnUse[];
  /** Columns of the rows that consumers see, by dataset id. */
  released: Map<string, Column[]>;
  /** What is made of personal data of other datasets, by `domain.product.dataset`. */
  derived: Map<string, DerivedColumn[]>;
}

interface Facts {
  owners: number;
  now: Date;
  offer: OfferFacts;
}

const DAY_MS = 86_400_000;

/** The verdict on what a product offers, as `product publish` would judge it; null for what is not offered. */
export function judgeOffer(plan: ProductPlan, facts: Facts): Verdict | null {
  const { declared, stored, status } = plan;
  const isServed = status === 'deprecated' && stored !== null && stored.row.published_at !== null;
  if (declared === null || !(plan.publish || status === 'published' || isServed)) return null;
  const ends = declared.previousMajorEnds;
  const end = ends === null ? defaultSunset(facts.now) : endOf(ends);
  const { place } = declared;
  const verdict = judgePublication({
    name: fullName(declared),
    description: declared.description,
    tags: tagsOf(plan, declared, facts.offer),
    owners: facts.owners,
    datasets: judgedDatasets(plan, declared, facts.offer),
    version: declared.version,
    major: declared.major,
    hash: versionHash(declared.document),
    versions: stored?.versions ?? [],
    before: runningVersion(plan, facts.offer),
    noticeDays: Math.round((end.getTime() - facts.now.getTime()) / DAY_MS),
    portsPlace: place(['outputPorts']),
    forbidden: policiesOf(plan, declared, facts),
  });
  // What has no place of its own is said where the product says that it is offered.
  const problems = verdict.problems.map((problem) => ({ place: place(['status'], 'key'), ...problem }));
  return { ...verdict, problems };
}

/**
 * What a product says of personal data on its way into it, where that keeps nothing from being applied: it is not
 * offered, or it stays as it is and another product was tagged since.
 */
export function warnOfDerived(plan: ProductPlan, offer: OfferFacts): Problem[] {
  const { declared, status, verdict } = plan;
  if (declared === null || status === 'retired' || (verdict !== null && !staysOffered(plan))) return [];
  const product = { name: fullName(declared), tags: tagsOf(plan, declared, offer) };
  return declared.datasets.flatMap((dataset) => {
    const derived = derivedOf(plan, `${product.name}.${dataset.name}`, offer);
    const { problems, warnings } = judgeDerived(product, { ...dataset, derived });
    return [...problems, ...warnings];
  });
}

/** Of inputs that were found only: what the caller may not discover is not spoken of. */
function derivedOf({ datasets }: ProductPlan, name: string, { derived }: OfferFacts): DerivedColumn[] {
  const inputs = datasets.find(({ change }) => change.name === name)?.inputs ?? [];
  return (derived.get(name) ?? []).filter(({ input }) => inputs.some((one) => one.name === input));
}

/** What is offered already and stays as it is was judged by the rules of its time. */
function staysOffered({ publish, datasets }: ProductPlan): boolean {
  return !publish && !datasets.some(isChange);
}

function policiesOf(plan: ProductPlan, declared: DeclaredProduct, { offer, now }: Facts) {
  if (staysOffered(plan)) return () => [];
  const { by: principal, origin, policies, domainTags } = offer;
  const { domain, name: product } = declared;
  const traits = traitsOf(plan, declared, offer);
  return forbiddenBy({ principal, origin, policies, domainTags, domain, product, traits, now });
}

/** What policies may read of it: its tags as they will be, and the state from which it is offered. */
function traitsOf(
  { stored }: ProductPlan,
  { domain, tags }: DeclaredProduct,
  { domainTags }: OfferFacts,
): ProductTraits {
  const effective = inheritTags(domainTags.get(domain) ?? {}, readTags(tags));
  return { tags: effective, status: stored?.row.status ?? 'draft' };
}

function tagsOf(plan: ProductPlan, declared: DeclaredProduct, offer: OfferFacts): string[] {
  return Object.entries(traitsOf(plan, declared, offer).tags).map(([key, value]) => tagText({ key, value }));
}

function judgedDatasets(plan: ProductPlan, declared: DeclaredProduct, offer: OfferFacts) {
  const { datasets } = plan;
  const { released } = offer;
  return declared.datasets.map(({ name, description, contract, version, text, place, sql }) => {
    const stored = datasets.find((dataset) => dataset.declared?.name === name)?.stored ?? null;
    return {
      ...{ name, description, contract, version, text, place },
      hasPipeline: sql !== null,
      released: stored === null ? null : (released.get(stored.row.id) ?? null),
      derived: staysOffered(plan) ? [] : derivedOf(plan, `${fullName(declared)}.${name}`, offer),
    };
  });
}

/** What consumers rely on: the product as it is offered, or the major that a new one comes to stand beside. */
export function offeredBefore({ stored, older }: Pick<ProductPlan, 'stored' | 'older'>): ProductState | null {
  if (stored !== null && stored.row.published_at !== null)
    return stored.row.status === 'retired' ? null : stored;
  return older.find(({ row }) => row.is_current) ?? null;
}

function runningVersion(plan: ProductPlan, { use, released }: OfferFacts): RunningVersion | null {
  const before = offeredBefore(plan);
  if (before === null) return null;
  return {
    version: before.row.version,
    major: before.row.major,
    consumers: before.consumers,
    use,
    datasets: before.datasets.map(({ row }) => ({
      id: row.id,
      name: row.name,
      contract: row.contract as unknown as Contract,
      version: row.contract_version,
      text: row.contract_text,
      released: released.has(row.id),
    })),
  };
}
