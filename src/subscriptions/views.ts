import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { printRowFilter } from '../policy/row-filter-print.ts';
import { leftOfRequest } from './approval/left-of-request.ts';
import type { StepDecision } from './approval/store.ts';
import type { WaitingRenewal } from './renewal/store.ts';
import { COLUMN_MASK } from './grant.ts';
import type { NamedSubscription } from './store.ts';

export const SUBSCRIPTION_STATES = [
  'requested',
  'active',
  'rejected',
  'expired',
  'revoked',
  'withdrawn',
] as const;

export const STEPS = ['owner', 'privacy'] as const;

const STEP = z.object({
  step: z.enum(STEPS),
  decision: z.enum(['approved', 'rejected']),
  by: z.string(),
  at: z.string(),
  reason: z.string().nullable(),
});

/** What canaries found of a grant. */
export const PROOF_VIEW = z
  .object({ state: z.enum(['proven', 'forbidden', 'drift', 'pending']), at: z.string().nullable() })
  .nullable()
  .describe(
    'whether canaries found the doors to give what it says, or after its end nothing by it, and when last; `forbidden`: a policy forbids reading it now',
  );

/** A request or subscription as every door shows it. */
export const SUBSCRIPTION_VIEW = z.object({
  id: z.string(),
  product: z.object({
    domain: z.string(),
    name: z.string(),
    title: z.string(),
    major: z.number().int(),
    current: z.boolean().describe('false where a newer major has taken its place'),
    sunsetAt: z.string().nullable().describe('when this major stops being served'),
  }),
  domain: z.string().describe('the consumer domain'),
  domainTitle: z.string(),
  purpose: z.string(),
  state: z.enum(SUBSCRIPTION_STATES),
  waitsFor: z.enum(STEPS).nullable().describe('the step that a request waits for'),
  steps: z.array(STEP).describe('the steps that were decided, and by whom'),
  follows: z.string().nullable().describe('the subscription to an earlier major that it carries on'),
  requestedBy: z.string(),
  requestedAt: z.string(),
  requestedUntil: z.string().nullable(),
  answers: z.array(z.object({ name: z.string(), ask: z.string(), answer: z.string() })),
  terms: z
    .object({
      version: z.string(),
      contracts: z.array(z.object({ dataset: z.string(), version: z.string() })),
    })
    .nullable()
    .describe('the terms that were agreed to'),
  renewal: z
    .object({
      id: z.string(),
      until: z.string(),
      note: z.string().nullable(),
      waitsFor: z.enum(STEPS),
      steps: z.array(STEP),
      requestedBy: z.string(),
      requestedAt: z.string(),
    })
    .nullable()
    .describe('a renewal that waits for a decision'),
  basket: z.string().nullable().describe('requests with the same one were sent together'),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  endedBy: z.string().nullable().describe('who ended it; `crossdock` at its end date'),
  endedAt: z.string().nullable(),
  delegation: z.string().nullable().describe('id of the delegation it was approved under'),
  reason: z.string().nullable(),
  until: z.string().nullable().describe('of a request: the end that it asks for, or that a step has set'),
  rowFilter: z.string().nullable(),
  columns: z.array(z.string()).nullable(),
  tags: z.record(z.string(), z.array(z.string())).nullable().describe('only columns that are so tagged'),
  personal: z.array(z.string()).nullable().describe('columns with personal data whose use was approved'),
  masks: z.record(z.string(), COLUMN_MASK),
  proof: PROOF_VIEW,
});
export type SubscriptionView = z.output<typeof SUBSCRIPTION_VIEW>;

export function viewSubscription(row: NamedSubscription): SubscriptionView {
  // Of a request: what is left of it for the step that it waits for.
  const { granted: given, until } = row.step === null ? row : leftOfRequest(row);
  return {
    id: row.id,
    product: {
      domain: row.producer,
      name: row.product,
      title: row.product_title,
      major: row.major,
      current: row.is_current,
      sunsetAt: timeOrNull(row.sunset_at),
    },
    domain: row.consumer,
    domainTitle: row.consumer_title,
    purpose: row.purpose,
    state: row.state,
    waitsFor: row.step,
    steps: viewSteps(row.decisions),
    follows: row.follows,
    requestedBy: row.requester ?? row.requested_by,
    requestedAt: isoTime(row.requested_at),
    requestedUntil: timeOrNull(row.requested_until),
    answers: row.answers ?? [],
    terms: row.terms,
    renewal: row.renewal && viewRenewal(row.renewal),
    basket: row.basket_id,
    decidedBy: row.decider ?? row.decided_by,
    decidedAt: timeOrNull(row.decided_at),
    endedBy: row.ended_by,
    endedAt: timeOrNull(row.ended_at),
    delegation: row.delegation_id,
    reason: row.reason,
    until: timeOrNull(until),
    rowFilter: given?.rowFilter == null ? null : printRowFilter(given.rowFilter),
    columns: given?.columns ?? null,
    tags: given?.tags ?? null,
    personal: row.granted?.personal ?? null,
    masks: given?.masks ?? {},
    proof: proofOf(row),
  };
}

/** A proof of what was open says nothing of its end: the end is done when that is proven. */
function proofOf({ state, granted, proof }: NamedSubscription): SubscriptionView['proof'] {
  if (granted === null || state === 'requested') return null;
  const wanted = state === 'active' ? 'open' : 'closed';
  if (proof?.wanted !== wanted) return { state: 'pending', at: null };
  return { state: proof.state, at: proof.provenAt };
}

function viewSteps(decisions: StepDecision[]) {
  return decisions.map(({ step, decision, by, at, reason }) => ({ step, decision, by, at, reason }));
}

function viewRenewal({ id, until, note, step, requestedBy, requestedAt, decisions }: WaitingRenewal) {
  return { id, until, note, waitsFor: step, steps: viewSteps(decisions), requestedBy, requestedAt };
}

function timeOrNull(time: Date | null): string | null {
  return time === null ? null : isoTime(time);
}
