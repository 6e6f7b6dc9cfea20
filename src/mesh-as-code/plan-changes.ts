import { canonicalJson } from '../base/canonical.ts';
import type { Problem } from '../base/errors.ts';
import { preparePolicies } from '../policy/policies.ts';
import { viewVerdict } from '../products/majors/verdict-view.ts';
import type { WrittenForm } from '../subscriptions/forms/request-form.ts';
import { type Change } from './change.ts';
import { checkCycles, checkReferences } from './check-references.ts';
import { type CurrentState, productsNamed, type ReadFolder } from './current.ts';
import { type DeclaredDomain, type DeclaredGrant, fullName, type MeshDeclaration } from './declaration.ts';
import { plainName } from './majors.ts';
import { changesOf, type DomainFacts, type DomainPlan, planDomain, planRemoval } from './plan-domain.ts';
import { meshChangesOf, type MeshPlan, planMeshParts } from './plan-mesh.ts';
import type { OfferFacts } from './judge-offer.ts';
import type { RequestRights } from './plan-subscriptions.ts';
import { checkForms, formsAfter } from './request-forms.ts';
import { rightsOf } from './request-rights.ts';
import type { Input } from './resolve-inputs.ts';
import type { Directory, DomainState } from './state.ts';
import { warnOfPersonal } from './warn-of-personal.ts';
import { warnOfPolicies } from './warn-of-policies.ts';

/** Everything an apply would do, with everything that forbids it. */
export interface MeshChanges {
  mesh: MeshPlan | null;
  domains: DomainPlan[];
  problems: Problem[];
  warnings: Problem[];
}

/** What would change, from the folder and the state alone: the same for a plan, an apply and its repetition. */
export function planChanges(folder: ReadFolder, current: CurrentState, now: Date): MeshChanges {
  const { declaration } = folder;
  const { names, directory, mesh } = current;
  const declared = new Map(declaration.domains.map((domain) => [domain.name, domain]));
  const domains = [...current.domains].flatMap(([name, stored]): DomainPlan[] => {
    const domain = declared.get(name);
    if (domain !== undefined) return [planOneDomain(domain, folder, { ...current, now })];
    return stored === null ? [] : [planRemoval(stored, { now, offer: offerFacts(folder, current) })];
  });
  const meshPlan =
    declaration.mesh &&
    planMeshParts(declaration.mesh, mesh, { known: names.domains, tags: { ...current.tags, domains } });
  const document: Record<string, unknown> = declaration.mesh?.document ?? mesh.row?.document ?? {};
  const references = { declaration, directory, names };
  return {
    mesh: meshPlan,
    domains,
    problems: [
      ...(meshPlan?.problems ?? []),
      ...checkReferences(references),
      ...checkForms(declaration, document),
      ...domains.flatMap(({ problems }) => problems),
      ...checkCycles(references, inputsOf(domains)),
    ],
    warnings: [
      ...domains.flatMap(({ warnings }) => warnings),
      ...warnOfPersonal(declaration, document),
      ...warnOfPolicies(declaration, names),
    ],
  };
}

/** The plan of one domain of the folder. */
export function planOneDomain(
  domain: DeclaredDomain,
  folder: ReadFolder,
  current: CurrentState & { now: Date },
): DomainPlan {
  const stored = current.domains.get(domain.name) ?? null;
  return planDomain(domain, stored, domainFacts(domain, folder, current));
}

function domainFacts(
  domain: DeclaredDomain,
  folder: ReadFolder,
  current: CurrentState & { now: Date },
): DomainFacts {
  const { declaration, tables, by, origin } = folder;
  const { names, policies, mesh, directory, domains, now } = current;
  const others = productsNamed(domain, names, tables);
  const document = (declaration.mesh?.document ?? mesh.row?.document ?? {}) as {
    attributes?: { domains?: Attributes };
    requests?: WrittenForm;
  };
  const attributes = document.attributes?.domains?.[domain.name] ?? {};
  const rights = rightsOf({ name: domain.name, attributes }, others, { policies, origin, now });
  const held = (domains.get(domain.name)?.subscriptions ?? []).filter(
    ({ state, until }) => state === 'active' && (until === null || until > now),
  );
  return {
    names,
    tables,
    rights,
    grants: grantsOf(declaration, directory),
    forms: formsAfter(declaration, directory, document),
    now,
    subscribed: new Set([...held, ...domain.subscriptions].map(({ product }) => plainName(product))),
    held,
    offer: offerFacts(folder, current),
    hidden: hiddenOf(rights),
    crawled: crawledAsDeclared(domain, domains.get(domain.name) ?? null),
    tags: { ...current.tags, by },
  };
}

/** What the crawls found in sources that the folder leaves as they are; of others only a run can tell. */
function crawledAsDeclared(domain: DeclaredDomain, stored: DomainState | null): Map<string, string[]> {
  const same = domain.sources.filter(({ name, document }) => {
    const row = stored?.sources.find((source) => source.name === name);
    return row !== undefined && canonicalJson(row.document) === canonicalJson(document);
  });
  return new Map(same.map(({ name }) => [name, stored?.crawled.get(name) ?? []]));
}

/** What offers are judged by, beside what the folder says. */
export function offerFacts({ by, origin }: ReadFolder, { policies, offers }: CurrentState): OfferFacts {
  const { sources, domainTags } = policies;
  return { by, origin, domainTags, policies: preparePolicies(sources.get('') ?? []), ...offers };
}

type Attributes = Record<string, Record<string, string | string[]>>;

function hiddenOf(rights: Map<string, RequestRights>): Set<string> {
  return new Set([...rights].filter(([, { discover }]) => !discover).map(([key]) => key));
}

/** The grants each product gives beforehand, declared ones instead of stored ones. */
function grantsOf(declaration: MeshDeclaration, directory: Directory): Map<string, DeclaredGrant[]> {
  const current = directory.products.filter(({ isCurrent }) => isCurrent);
  const grants = new Map(current.map((product) => [fullName(product), product.grants]));
  for (const { products } of declaration.domains) {
    for (const product of products) grants.set(fullName(product), product.grants);
  }
  return grants;
}

/** What the datasets of these domains will read, by `domain.product.dataset`. */
export function inputsOf(domains: readonly DomainPlan[]): Map<string, Input[]> {
  const inputs = new Map<string, Input[]>();
  for (const { products } of domains) {
    for (const { datasets } of products) {
      for (const { change, inputs: found } of datasets) inputs.set(change.name, found);
    }
  }
  return inputs;
}

/** What an apply changes, or would, as every door shows it. */
export function answerOf(changes: MeshChanges, applied: boolean) {
  const versions = changes.domains.flatMap(({ products }) =>
    products.flatMap(({ declared, verdict, publish }) => {
      if (declared === null || verdict === null || (!publish && verdict.changes.length === 0)) return [];
      return [{ product: fullName(declared), version: declared.version, ...viewVerdict(verdict) }];
    }),
  );
  return { applied, changes: listChanges(changes), versions, warnings: changes.warnings };
}

/** Every change and everything unchanged, mesh first. */
function listChanges({ mesh, domains }: MeshChanges): Change[] {
  return [...(mesh === null ? [] : meshChangesOf(mesh)), ...domains.flatMap(changesOf)];
}
