import { contentHash } from '../base/canonical.ts';
import type { Problem } from '../base/errors.ts';
import { Recent } from '../base/recent.ts';
import { ACTIONS, CONSUMER_ACTIONS, GIVING_ACTIONS, type Action, type Resource } from './action.ts';
import { type Asked, askedBy, askedByAny } from './asked-facts.ts';
import { BUILT_IN_POLICIES } from './built-in-policies.ts';
import { findPolicyMistakes, splitPolicies, type CedarPolicies, type PolicyPart } from './cedar.ts';
import { constantReads } from './policy-tags.ts';
import { placeOf } from './row-filter-lex.ts';

export type PolicyLevel = 'mesh' | 'domain' | 'product';

/** One file of Cedar policies. */
export interface PolicySource {
  level: PolicyLevel;
  /** How reasons name it: a file of the mesh, or the domain or `domain.product` whose `access.cedar` it is. */
  name: string;
  text: string;
}

/** A set to decide with. */
export interface PolicySet {
  /** Of all its texts: the same for equal ones, in whatever mesh. */
  version: string;
  policies: NamedPolicy[];
  /** Names of files that cannot be parsed: with any of these everything is denied. */
  broken: string[];
  /** Filled when first asked for: only policies whose scope names the action, since no other can match. */
  byAction: Map<Action, PoliciesOn>;
}

/** The policies that can have a say in an action. */
export interface PoliciesOn extends CedarPolicies {
  asked: Asked;
  /** Whether any of them can tell a dataset from its product. */
  tellApart: PolicyPart['tellsApart'];
}

interface NamedPolicy extends PolicyPart {
  /** File and `@id`; what reasons say. */
  name: string;
  /** Whether it may permit what gives access to data (`GIVING_ACTIONS`). */
  gives: boolean;
  isBuiltIn: boolean;
}

/** Policies ready to decide with. Those of a domain or product speak for it and for no other. */
export interface PreparedPolicies {
  /** Built in and of the mesh. */
  mesh: PolicySet;
  /** By name: the above and the domain's own. */
  domains: ReadonlyMap<string, PolicySet>;
  /** By `domain.product`: the above and the product's own. */
  products: ReadonlyMap<string, PolicySet>;
}

/** A mesh has one for each product version in use. */
const PREPARED_MAX = 1_000;
const prepared = new Recent<string, PreparedPolicies>(PREPARED_MAX);

/** Makes policies of the mesh and of any products ready, once for equal texts; empty leaves the built-in ones. */
export function preparePolicies(sources: PolicySource[]): PreparedPolicies {
  const hash = contentHash(sources);
  const known = prepared.get(hash);
  if (known) return known;
  const result = prepare(sources);
  prepared.set(hash, result);
  return result;
}

const BUILT_IN: PolicySource = { level: 'mesh', name: 'built in', text: BUILT_IN_POLICIES };

/** Whether a policy, by the name that reasons give it, is one of the built-in ones. */
export function isBuiltInPolicy(name: string): boolean {
  return name.startsWith(`${BUILT_IN.name}: `);
}

function prepare(sources: PolicySource[]): PreparedPolicies {
  const mesh = [BUILT_IN, ...sources.filter(({ level }) => level === 'mesh')];
  const ofDomains = byName(sources, 'domain');
  const domains = [...ofDomains].map(([name, own]) => [name, setOf([...mesh, ...own])] as const);
  const products = [...byName(sources, 'product')].map(([name, own]) => {
    const above = ofDomains.get(name.slice(0, name.indexOf('.'))) ?? [];
    return [name, setOf([...mesh, ...above, ...own])] as const;
  });
  return { mesh: setOf(mesh), domains: new Map(domains), products: new Map(products) };
}

function byName(sources: PolicySource[], wanted: PolicyLevel): Map<string, PolicySource[]> {
  return Map.groupBy(
    sources.filter(({ level }) => level === wanted),
    ({ name }) => name,
  );
}

function setOf(sources: PolicySource[]): PolicySet {
  const names = new Set<string>();
  const policies: NamedPolicy[] = [];
  const broken: string[] = [];
  for (const source of sources) {
    const parts = splitPolicies(source.text);
    if (!parts) broken.push(source.name);
    for (const [index, part] of (parts ?? []).entries()) {
      const name = freeName(`${source.name}: ${part.id ?? `policy ${index + 1}`}`, names);
      names.add(name);
      const gives = source.level !== 'mesh' || source === BUILT_IN;
      policies.push({ ...part, name, gives, isBuiltIn: source === BUILT_IN });
    }
  }
  const version = contentHash(sources);
  texts.set(version, sources);
  return { version, policies, broken, byAction: new Map() };
}

/** A version is looked up right after it has decided. */
const texts = new Recent<string, readonly PolicySource[]>(3 * PREPARED_MAX);

/** The texts of a version that has decided in this process lately, the built-in ones among them. */
export function textsOf(version: string): readonly PolicySource[] | undefined {
  return texts.get(version);
}

/** Two policies of one name must not become one. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name} (${count})`;
  return free;
}

/** The set that decides: policies of a domain and of a product have a say only in how its products are consumed. */
export function policySetFor(
  action: Action,
  resource: Resource | { domain: string; product: string },
  policies: PreparedPolicies,
): PolicySet {
  if (!CONSUMER_ACTIONS.has(action) || !('product' in resource)) return policies.mesh;
  const { domain, product } = resource;
  return policies.products.get(`${domain}.${product}`) ?? policies.domains.get(domain) ?? policies.mesh;
}

/**
 * Whether a policy that somebody wrote can permit an action. Where none can, the built-in ones alone hold: of a
 * product's discovery, that its own domain and administrators find it.
 */
export function canPermit(action: Action, { policies }: PolicySet): boolean {
  return policies.some(
    ({ effect, actions, isBuiltIn }) =>
      effect === 'permit' && !isBuiltIn && (actions === null || actions.includes(action)),
  );
}

/** The policies of a set that can have a say in an action. */
export function policiesOn(action: Action, { policies, byAction }: PolicySet): PoliciesOn {
  const known = byAction.get(action);
  if (known) return known;
  const relevant = policies.filter(
    ({ actions, effect, gives }) =>
      (actions === null || actions.includes(action)) &&
      (effect === 'forbid' || gives || !GIVING_ACTIONS.has(action)),
  );
  const byName = Object.fromEntries(relevant.map(({ name, text }) => [name, text]));
  const tellApart = {
    byType: relevant.some(({ tellsApart }) => tellsApart.byType),
    byTags: relevant.some(({ tellsApart }) => tellsApart.byTags),
  };
  const asked = askedByAny(relevant.map(({ conditions }) => askedBy(conditions)));
  const sliced = { hash: contentHash(byName), policies: byName, asked, tellApart };
  byAction.set(action, sliced);
  return sliced;
}

/**
 * Everything wrong with a file of policies, each with `file:line:column`: syntax, what the schema of the
 * mesh does not know, a missing or repeated `@id`, and at a domain or product actions that are not its to grant.
 */
export function validatePolicies(
  text: string,
  file: string,
  level: PolicyLevel | 'built-in' = 'mesh',
): Problem[] {
  const findings = findPolicyMistakes(text);
  const parts = splitPolicies(text) ?? [];
  for (const [index, part] of parts.entries()) {
    const offset = Math.max(0, text.indexOf(part.text));
    const before = parts.slice(0, index);
    for (const message of partProblems(part, before, level)) findings.push({ message, offset });
  }
  return findings
    .sort((left, right) => left.offset - right.offset || (left.message < right.message ? -1 : 1))
    .map(({ message, offset }) => ({ message, place: `${file}:${placeOf(text, offset)}` }));
}

const KNOWN_ACTIONS: ReadonlySet<string> = new Set(Object.values(ACTIONS).flat());

function partProblems(part: PolicyPart, before: PolicyPart[], level: PolicyLevel | 'built-in'): string[] {
  const problems: string[] = [];
  if (!part.id) {
    problems.push('a policy needs a name for people who ask why: write @id("what it does") before it');
  } else if (before.some(({ id }) => id === part.id)) {
    problems.push(`the @id "${part.id}" is used twice; give each policy its own`);
  }
  for (const key of constantReads(part)) {
    problems.push(
      `the tag "${key}" is asked of a constant, of which a decision knows nothing: ask it of resource, context or principal`,
    );
  }
  if (level === 'mesh' && part.effect === 'permit') {
    const given = (part.actions ?? []).filter((action) => GIVING_ACTIONS.has(action));
    if (given.length > 0) {
      problems.push(
        `only the producer of a product permits ${given.join(', ')}: the mesh may forbid it, or write the policy beside the product`,
      );
    }
  }
  if (level === 'domain' || level === 'product') {
    const foreign = (part.actions ?? []).filter(
      (action) => KNOWN_ACTIONS.has(action) && !CONSUMER_ACTIONS.has(action),
    );
    if (foreign.length > 0) {
      problems.push(
        `a ${level} decides only about ${[...CONSUMER_ACTIONS].join(', ')}, not about ${foreign.join(', ')}`,
      );
    }
  }
  return problems;
}
