import { refreshSearchDocuments } from '../catalog/store.ts';
import { refreshAttributes } from '../identity/refresh-attributes.ts';
import {
  findPersonByEmail,
  findServiceAccount,
  insertPrincipal,
  markDisabled,
  removeMembership,
  revokeTokensOf,
} from '../identity/store.ts';
import { queueDueRuns } from '../products/runs/queue-due-runs.ts';
import { announceRules, type MemberGiven } from './announce-rules.ts';
import { isChange } from './change.ts';
import type { DeclaredDomain, DeclaredMember } from './declaration.ts';
import type { DomainPlan, MemberItem, SourceItem } from './plan-domain.ts';
import { readMeshState } from './state/store.ts';
import { markDomainClosed, removeSource, saveDomain, saveMembership, saveSource } from './store.ts';
import { writePolicies, writeRestrictions } from './write-mesh.ts';
import { writeProduct } from './write-product.ts';
import { giveBeforehand, writeSubscriptions } from './write-subscriptions.ts';
import { recordItem, type Writing } from './writing.ts';

/** Makes one domain as its plan says, in the transaction given; what is unchanged is not touched. */
export async function writeDomain(writing: Writing, plan: DomainPlan): Promise<void> {
  const { context, transaction } = writing;
  const domainId = await writeDomainRow(writing, plan);
  const given = await writeMembers(writing, plan.members, domainId);
  await writePolicies(writing, plan.policies, { scopeId: domainId, domainId });
  await writeRestrictions(writing, plan.restrictions, { scopeId: domainId, domainId });
  const sources = await writeSources(writing, plan.sources, domainId);
  const refreshed: string[] = [];
  const productIds: string[] = [];
  for (const product of plan.products) {
    const { id, changed } = await writeProduct(writing, product, { domainId, sources });
    productIds.push(id);
    if (changed) refreshed.push(id);
    for (const approval of product.approvals) await giveBeforehand(writing, approval);
  }
  await writeSubscriptions(writing, plan.subscriptions, { id: domainId, name: plan.name });
  await removeSources(writing, plan.sources, domainId);
  await refreshSearchDocuments(transaction, {
    domainIds: isChange(plan) ? [domainId] : [],
    productIds: refreshed,
  });
  await announceRules(writing, plan, { domainId, given });
  // A dataset that reads what is not there yet would only fail: the second round queues its run.
  if (!plan.waits) await queueDueRuns(context, transaction, { productIds, trigger: 'applied' });
}

async function writeDomainRow(writing: Writing, plan: DomainPlan): Promise<string> {
  const { transaction, at } = writing;
  const { declared, stored, change } = plan;
  const id = stored?.row.id ?? null;
  if (!isChange(plan)) return id ?? '';
  const domainId =
    declared === null ? (id ?? '') : await saveDomain(transaction, { ...fields(declared), id, at });
  if (declared === null) await markDomainClosed(transaction, domainId, at);
  await recordItem(writing, change, { object: domainId, domainId });
  return domainId;
}

function fields({ name, title, description, tags, document, text }: DeclaredDomain) {
  return { name, title, description, tags, document, text };
}

async function writeMembers(writing: Writing, items: MemberItem[], domainId: string): Promise<MemberGiven[]> {
  const { transaction } = writing;
  const changed = items.filter(isChange);
  const given: MemberGiven[] = [];
  for (const item of changed) {
    const principalId =
      item.declared === null
        ? await removeMember(writing, item, domainId)
        : await saveMember(
            writing,
            { member: item.declared, known: item.stored?.principalId ?? null },
            domainId,
          );
    given.push({ principalId, role: item.declared?.role ?? null });
    await recordItem(writing, item.change, { object: principalId, domainId });
  }
  if (given.length === 0) return given;
  const { row } = await readMeshState(transaction);
  const principalIds = given.map(({ principalId }) => principalId);
  await refreshAttributes(transaction, row?.document ?? {}, principalIds);
  return given;
}

async function saveMember(
  writing: Writing,
  { member, known }: { member: DeclaredMember; known: string | null },
  domainId: string,
): Promise<string> {
  const { transaction, at } = writing;
  const { email, name, role } = member;
  const found =
    known ??
    (email === null
      ? (await findServiceAccount(transaction, domainId, name))?.id
      : (await findPersonByEmail(transaction, email))?.id);
  const principalId =
    found ??
    (await insertPrincipal(transaction, { name, email, domainId: email === null ? domainId : null, at }));
  if (email === null) await markDisabled(transaction, { principalId, kind: 'service', at: null });
  await saveMembership(transaction, { domainId, principalId, role });
  return principalId;
}

/** People stay known to the mesh; a service account is its domain's and counts no more. */
async function removeMember(
  { transaction, at }: Writing,
  { stored }: MemberItem,
  domainId: string,
): Promise<string> {
  const principalId = stored?.principalId ?? '';
  await removeMembership(transaction, { domainId, principalId });
  if (stored?.email === null) {
    // A service account lives and dies with its place in the folder; one that comes back gets new tokens.
    await markDisabled(transaction, { principalId, kind: 'service', at });
    await revokeTokensOf(transaction, principalId, at);
  }
  return principalId;
}

/** Ids of the declared sources by name. */
async function writeSources(
  writing: Writing,
  items: SourceItem[],
  domainId: string,
): Promise<Map<string, string>> {
  const { transaction, at } = writing;
  const ids = new Map<string, string>();
  for (const item of items) {
    const { declared, stored, change } = item;
    if (declared === null) continue;
    const id = isChange(item)
      ? await saveSource(transaction, { ...declared, id: stored?.id ?? null, domainId, at })
      : (stored?.id ?? '');
    ids.set(declared.name, id);
    if (isChange(item)) await recordItem(writing, change, { object: id, domainId });
  }
  return ids;
}

/** After the datasets, which may have read them until now. */
async function removeSources(writing: Writing, items: SourceItem[], domainId: string): Promise<void> {
  for (const { declared, stored, change } of items) {
    if (declared !== null || stored === null) continue;
    // While it still has a name.
    await recordItem(writing, change, { object: stored.id, domainId });
    await removeSource(writing.transaction, stored.id);
  }
}
