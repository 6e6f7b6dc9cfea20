import { MESH_SCOPE } from '../audit/decisions.ts';
import { refreshAttributes } from '../identity/refresh-attributes.ts';
import { isChange } from './change.ts';
import { announceMeshRules, dutiesOf, readDuties } from './mesh-rules/announce-mesh-rules.ts';
import type { MeshPlan } from './plan-mesh.ts';
import type { PolicyItem } from './product-plan.ts';
import type { RestrictionItem } from './plan-restrictions.ts';
import { removePolicy, removeRestriction, saveMesh, savePolicy, saveRestriction } from './store.ts';
import { valuesOf } from './values.ts';
import { recordItem, type Writing } from './writing.ts';

/** Writes what counts for all domains. Attributes of people follow, so that row filters count at once. */
export async function writeMesh(writing: Writing, plan: MeshPlan): Promise<void> {
  const { transaction, at } = writing;
  const { declared, change } = plan;
  const scope = { scopeId: MESH_SCOPE, domainId: null };
  const duties = await readDuties(writing);
  if (declared !== null && isChange(plan)) {
    await saveMesh(transaction, { ...declared, at });
    await recordItem(writing, change, { object: MESH_SCOPE, domainId: null, values: dutiesOf(plan) });
    await refreshAttributes(transaction, declared.document, null);
  }
  await writePolicies(writing, plan.policies, scope);
  await writeRestrictions(writing, plan.restrictions, scope);
  await announceMeshRules(writing, plan, duties);
}

/** The domain or product that rules stand beside, and the domain whose people may read of their changes. */
export interface RuleScope {
  scopeId: string;
  domainId: string | null;
}

export async function writePolicies(
  writing: Writing,
  items: PolicyItem[],
  { scopeId, domainId }: RuleScope,
): Promise<void> {
  for (const item of items.filter(isChange)) {
    const { declared, stored, change } = item;
    if (declared !== null) await savePolicy(writing.transaction, { scopeId, ...declared });
    else if (stored !== null) await removePolicy(writing.transaction, { scopeId, name: stored.name });
    await recordItem(writing, change, { object: scopeId, domainId, values: valuesOf(item) });
  }
}

export async function writeRestrictions(
  writing: Writing,
  items: RestrictionItem[],
  { scopeId, domainId }: RuleScope,
): Promise<void> {
  for (const item of items.filter(isChange)) {
    const { declared, stored, change } = item;
    if (declared !== null) {
      await saveRestriction(writing.transaction, { scopeId, name: declared.name, document: declared });
    } else if (stored !== null) await removeRestriction(writing.transaction, stored.id);
    await recordItem(writing, change, { object: scopeId, domainId, values: valuesOf(item) });
  }
}
