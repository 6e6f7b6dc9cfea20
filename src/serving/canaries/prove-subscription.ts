import type { Context, Parts } from '../../identity/context.ts';
import { ACCESS_DRIFT_SUMMARY } from '../../incidents/describe-incident.ts';
import { insertChange } from '../../store/changes.ts';
import type { Transaction } from '../../store/database.ts';
import { closeIncidents, openIncident } from '../../store/incidents.ts';
import { lockForApply } from '../../store/mesh-lock.ts';
import type { ProofState } from '../../store/rows/proofs.ts';
import { findSubscription, lockSubscription, type NamedSubscription } from '../../subscriptions/store.ts';
import { canaryContext } from './canary-reader.ts';
import { describeFinding, type Finding, FORBIDDEN } from './finding.ts';
import { proveDataset, type ProvenDataset } from './prove-dataset.ts';
import { findProof, hasDrifted, listDatasetIds, listDrifting, saveProof } from './store.ts';

/**
 * Asks every door whether it gives what a grant says, or after its end nothing of it, and keeps the answer.
 * Idempotent: killed at any point it is asked again. Null when there is nothing to prove, or the grant changed
 * meanwhile, or the server stops.
 */
export async function proveSubscription(
  parts: Parts,
  id: string,
  signal: AbortSignal,
): Promise<ProofState | null> {
  const subscription = await findSubscription(parts.database.reader, id);
  const wanted = subscription && wantedOf(subscription, parts.clock.now());
  if (subscription === undefined || wanted == null) return null;
  let proven = await proveAll(parts, { subscription, wanted }, signal);
  // What changed between two of the questions differs once; what is wrong differs again.
  if (proven.some(({ state }) => state === 'drift')) {
    proven = await proveAll(parts, { subscription, wanted }, signal);
  }
  if (signal.aborted) return null;
  const findings = proven.flatMap((one) => one.findings);
  const isUnknown = proven.some(({ state }) => state === 'unknown');
  const state = findings.length > 0 ? 'drift' : isUnknown ? 'pending' : 'proven';
  const isForbidden = state === 'proven' && proven.some((one) => one.isForbidden);
  const isKept = await parts.database.transact((transaction) =>
    keep(parts, transaction, { id, wanted, state, findings, isForbidden }),
  );
  return isKept ? state : null;
}

/** Null for what never was a grant. */
function wantedOf({ state, granted, until }: NamedSubscription, now: Date): 'open' | 'closed' | null {
  if (granted === null || state === 'requested') return null;
  return state === 'active' && (until === null || until > now) ? 'open' : 'closed';
}

interface Wanted {
  subscription: NamedSubscription;
  wanted: 'open' | 'closed';
}

async function proveAll(
  parts: Parts,
  { subscription, wanted }: Wanted,
  signal: AbortSignal,
): Promise<ProvenDataset[]> {
  const { id: subscriptionId, product_id } = subscription;
  const context = await canaryContext(parts, subscription, signal);
  const proven: ProvenDataset[] = [];
  for (const datasetId of await listDatasetIds(parts.database.reader, product_id)) {
    proven.push(await proveOne(context, { datasetId, subscriptionId, wanted }));
  }
  return proven;
}

/** What cannot be read at all is the operator's to hear of; it says nothing of the grant. */
async function proveOne(context: Context, asked: Parameters<typeof proveDataset>[1]): Promise<ProvenDataset> {
  try {
    return await proveDataset(context, asked);
  } catch (error) {
    if (!context.request.signal.aborted) context.log.error({ err: error, ...asked }, 'a canary failed');
    return { state: 'unknown', findings: [] };
  }
}

interface Proof {
  id: string;
  wanted: 'open' | 'closed';
  state: ProofState;
  findings: Finding[];
  isForbidden: boolean;
}

/** False when the grant is not what was asked about any more: it is proven anew. */
async function keep(parts: Parts, transaction: Transaction, proof: Proof): Promise<boolean> {
  const { id, wanted, state, findings, isForbidden } = proof;
  const at = parts.clock.now();
  const subscription = await lockSubscription(transaction, id);
  if (subscription === undefined || wantedOf(subscription, at) !== wanted) return false;
  const before = await findProof(transaction, id);
  const same = before?.wanted === wanted ? before : undefined;
  // That nothing could be said this time takes back nothing of what was proven.
  const kept = state === 'pending' && same?.state === 'proven' ? 'proven' : state;
  const isProven = state === 'proven';
  const told = isForbidden ? [FORBIDDEN] : findings;
  await saveProof(transaction, { subscriptionId: id, wanted, state: kept, isProven, at, findings: told });
  const isNews = same?.state !== kept;
  if (isNews && (state === 'drift' || wanted === 'closed')) {
    await record(transaction, subscription, { ...proof, at });
  }
  const isSettled = state !== 'drift' && !(await hasDrifted(transaction, subscription.product_id));
  if (!isSettled) await settleIncidents(parts, transaction, subscription);
  return true;
}

async function record(
  transaction: Transaction,
  { producer_id, consumer, purpose }: NamedSubscription,
  { id, wanted, state, findings, at }: Proof & { at: Date },
): Promise<void> {
  await insertChange(transaction, {
    at,
    actor: 'crossdock',
    door: 'job',
    requestId: '',
    action: 'access.prove',
    object: id,
    domainId: producer_id,
    allowed: state !== 'drift',
    reasons: findings.map(describeFinding),
    facts: { consumer, purpose, wanted, state },
  });
}

/** One incident a dataset, for as long as any grant differs on it. */
async function settleIncidents(
  parts: Parts,
  transaction: Transaction,
  { product_id }: NamedSubscription,
): Promise<void> {
  const at = parts.clock.now();
  // Two grants proven at once would each miss what the other one found: the second to come here sees both.
  await lockForApply(transaction, `access-drift:${product_id}`);
  const drifting = await listDrifting(transaction, product_id);
  for (const datasetId of await listDatasetIds(transaction, product_id)) {
    const findings = drifting.get(datasetId) ?? [];
    if (findings.length === 0) {
      const reason = 'what can be read is what was granted again';
      await closeIncidents(parts, transaction, { datasetId, kinds: ['access-drift'], at, reason });
      continue;
    }
    await openIncident(parts, transaction, {
      datasetId,
      kind: 'access-drift',
      severity: 'error',
      summary: ACCESS_DRIFT_SUMMARY,
      detail: { findings: [...new Set(findings.map(describeFinding))] },
      at,
    });
  }
}
