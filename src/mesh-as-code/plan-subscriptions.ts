import type { Problem } from '../base/errors.ts';
import type { SubscriptionState } from '../store/schema.ts';
import { meant } from '../contracts/suggest.ts';
import { readAnswers, unaskedProblems } from '../subscriptions/forms/read-answers.ts';
import { EMPTY_FORM, type RequestForm } from '../subscriptions/forms/request-form.ts';
import type { Change } from './change.ts';
import type { DeclaredDomain, DeclaredGrant, DeclaredSubscription } from './declaration.ts';
import { endOf, findGrant } from './find-grant.ts';
import { isMeant, plainName } from './majors.ts';
import type { Names } from './names-in-reach.ts';
import type { DomainState, HeldSubscription } from './state.ts';

/** What an apply does about one declared subscription, or one that is declared no more. */
export interface SubscriptionPlan {
  change: Change;
  declared: DeclaredSubscription | null;
  held: HeldSubscription | null;
  step: 'request' | 'withdraw' | 'none';
  /** The product's id; null while the product is not in the store: then the step waits. */
  productId: string | null;
  /** Grants of the producer that approve it at once. */
  grant: DeclaredGrant | null;
  /** Whether a policy approves it at once, with everything. */
  automatic: boolean;
  /** The subscription to another major that it carries on. */
  follows: string | null;
}

/** What the policies say to a member of the consumer domain about one product. */
export interface RequestRights {
  discover: boolean;
  request(purpose: string): boolean;
  subscribe(purpose: string): boolean;
}

export interface SubscriptionFacts {
  names: Names;
  /** By `domain.product`. */
  rights: Map<string, RequestRights>;
  grants: Map<string, DeclaredGrant[]>;
  /** What requests are asked, by `domain.product`. */
  forms: Map<string, RequestForm>;
  now: Date;
}

export interface PlannedSubscriptions {
  plans: SubscriptionPlan[];
  problems: Problem[];
  warnings: Problem[];
}

const LIVING: SubscriptionState[] = ['requested', 'active'];

/** Declared subscriptions become requests; a request or grant that the domain declared before and no more ends. */
export function planSubscriptions(
  domain: DeclaredDomain,
  stored: DomainState | null,
  facts: SubscriptionFacts,
): PlannedSubscriptions {
  const planned: PlannedSubscriptions = { plans: [], problems: [], warnings: [] };
  const held = stored?.subscriptions ?? [];
  for (const declared of domain.subscriptions) planOne({ domain, declared, held, facts }, planned);
  const before = declaredBefore(stored);
  for (const one of held.filter(({ state }) => LIVING.includes(state))) {
    const isDeclared = domain.subscriptions.some((declared) => isSameRight(declared, one));
    if (isDeclared || !before.some((declared) => isSamePurpose(declared, one))) continue;
    if (!isNeededYet(one, planned.plans)) planned.plans.push(withdrawal(domain.name, one));
  }
  return planned;
}

/** All its requests and grants, when the domain itself goes. */
export function endSubscriptions(stored: DomainState): SubscriptionPlan[] {
  return stored.subscriptions
    .filter(({ state }) => LIVING.includes(state))
    .map((held) => withdrawal(stored.row.name, held));
}

interface Right {
  /** As it is written: with a major or without. */
  product: string;
  purpose: string;
}

function isSameRight(declared: Right, held: HeldSubscription): boolean {
  return declared.purpose === held.purpose && isMeant(declared.product, held);
}

/** Whether a right was declared for this purpose, for whichever major. */
function isSamePurpose(declared: Right, held: HeldSubscription): boolean {
  return declared.purpose === held.purpose && plainName(declared.product) === held.product;
}

function declaredBefore(stored: DomainState | null): Right[] {
  return (stored?.row.document['subscriptions'] ?? []) as Right[];
}

function withdrawal(domain: string, held: HeldSubscription): SubscriptionPlan {
  const change: Change = {
    action: 'remove',
    kind: 'subscription',
    name: `${domain} to ${held.product}`,
    details: [held.purpose],
  };
  return {
    change,
    declared: null,
    held,
    step: 'withdraw',
    productId: held.productId,
    grant: null,
    automatic: false,
    follows: null,
  };
}

/** Who moves to another major keeps the one they have until the other one is granted. */
function isNeededYet(held: HeldSubscription, plans: SubscriptionPlan[]): boolean {
  const successor = plans.find(({ declared }) => declared !== null && isSamePurpose(declared, held));
  if (successor === undefined) return false;
  const given = successor.grant !== null || successor.automatic;
  return !(successor.held?.state === 'active' || (successor.step === 'request' && given));
}

interface Asking {
  domain: DeclaredDomain;
  declared: DeclaredSubscription;
  held: HeldSubscription[];
  facts: SubscriptionFacts;
}

function planOne({ domain, declared, held, facts }: Asking, planned: PlannedSubscriptions): void {
  const mine = held.filter((one) => isSameRight(declared, one));
  const latest = mine.find(({ state }) => LIVING.includes(state)) ?? mine[0] ?? null;
  const others = held.filter((one) => one !== latest && isSamePurpose(declared, one));
  const change: Change = {
    action: 'unchanged',
    kind: 'subscription',
    name: `${domain.name} to ${declared.product}`,
    details: [declared.purpose],
  };
  const plan: SubscriptionPlan = {
    change,
    declared,
    held: latest,
    step: 'none',
    productId: facts.names.products.get(declared.product)?.id ?? null,
    grant: null,
    automatic: false,
    follows: others.find(({ state }) => state === 'active')?.id ?? null,
  };
  planned.plans.push(plan);
  if (latest !== null && LIVING.includes(latest.state)) return;
  const refusal = refusalOf({ domain, declared, held, facts });
  if (refusal !== null) planned.problems.push({ message: refusal, place: declared.place });
  const reason = reasonToWait(declared, latest, facts.now);
  if (refusal === null && reason !== null) planned.warnings.push({ message: reason, place: declared.place });
  if (refusal !== null || reason !== null) return;
  const incomplete = incompleteness(declared, facts.forms.get(plainName(declared.product)) ?? EMPTY_FORM);
  planned.problems.push(...incomplete.map((message) => ({ message, place: declared.place })));
  plan.step = 'request';
  plan.change = { ...change, action: 'create' };
  const request = { domain: domain.name, purpose: declared.purpose };
  const plain = plainName(declared.product);
  plan.grant = findGrant(facts.grants.get(plain) ?? [], request, facts.now);
  plan.automatic = facts.rights.get(plain)?.subscribe(declared.purpose) ?? false;
}

/** What the product asks and the declaration does not answer. */
function incompleteness({ product, answers, agreed }: DeclaredSubscription, form: RequestForm): string[] {
  const { problems } = readAnswers(form, answers);
  const messages = [...problems, ...unaskedProblems(form.questions, answers)].map(
    ({ message }) => `the request for ${product}: ${message}`,
  );
  if (!form.terms || agreed) return messages;
  return [
    ...messages,
    `the request for ${product} has to agree to the terms of its contracts: \`terms: agreed\``,
  ];
}

/** Why the domain may not ask for the product, if so. A product it may not discover does not exist for it. */
function refusalOf({ domain, declared, facts }: Asking): string | null {
  const { product } = declared;
  const known = facts.names.products.get(product);
  const rights = facts.rights.get(plainName(product));
  if (known?.domain === domain.name) return `${product} is ${domain.name}'s own: it needs no subscription`;
  if (known === undefined || !rights?.discover) {
    // Rights are judged for what is written too, whether it is there or not.
    const seen = [...facts.rights].filter(
      ([name, { discover }]) => discover && facts.names.products.has(name),
    );
    const others = seen.map(([name]) => name).filter((name) => !name.startsWith(`${domain.name}.`));
    return `there is no product ${product}${meant(product, others)}`;
  }
  if (!known.open) return `${product} is not published and takes no requests`;
  return rights.request(declared.purpose) ? null : `no policy lets ${domain.name} ask for ${product}`;
}

/** Why nothing is asked now although it is declared: an answer was given, or its time is over. */
function reasonToWait(
  declared: DeclaredSubscription,
  latest: HeldSubscription | null,
  now: Date,
): string | null {
  if (latest?.state === 'rejected' || latest?.state === 'revoked') {
    return `the subscription to ${declared.product} was ${latest.state}: ask again with \`crossdock request\` or another purpose`;
  }
  const isOver = declared.until !== null && endOf(declared.until) <= now;
  return isOver ? `the subscription to ${declared.product} ended on ${declared.until}` : null;
}
