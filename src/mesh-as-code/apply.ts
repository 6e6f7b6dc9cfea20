import { MeshError } from '../base/errors.ts';
import { type Context, operation } from '../identity/context.ts';
import { isChange } from './change.ts';
import type { DeclaredDomain } from './declaration.ts';
import { domainOrder } from './domain-order.ts';
import { requirePermitted } from './permits.ts';
import { answerOf, offerFacts, planOneDomain } from './plan-changes.ts';
import { type DomainPlan, planRemoval } from './plan-domain.ts';
import { meshChangesOf, planMeshParts } from './plan-mesh.ts';
import { CHANGES_OUTPUT, FOLDER_INPUT, type Prepared, prepare } from './prepare.ts';
import { readCurrent } from './read-current.ts';
import { lockForApply } from './state/store.ts';
import { writeDomain } from './write-domain.ts';
import { writeMesh } from './write-mesh.ts';

export const applyMesh = operation({
  name: 'mesh.apply',
  summary: 'Make the mesh, or one domain, as its folder says: one transaction for each domain.',
  effect: 'write',
  http: { method: 'POST', path: '/apply' },
  scope: 'write',
  input: FOLDER_INPUT,
  output: CHANGES_OUTPUT,
  async run(context, input) {
    const prepared = await prepare(context, input);
    await applyMeshParts(context, prepared);
    const names = domainOrder(prepared.changes.domains);
    const waiting: string[] = [];
    for (const name of names) if (await applyDomain(context, prepared, name)) waiting.push(name);
    // Domains may read each other in a circle; what had to wait in the first round is there in the second.
    for (const name of waiting) await applyDomain(context, prepared, name);
    return answerOf(prepared.changes, true);
  },
});

async function applyMeshParts(context: Context, { folder, changes, permits }: Prepared): Promise<void> {
  const declared = folder.declaration.mesh;
  if (declared === null || changes.mesh === null) return;
  if (!meshChangesOf(changes.mesh).some((change) => isChange({ change }))) return;
  await context.database.transact(async (transaction) => {
    await lockForApply(transaction, 'mesh');
    const { mesh, names } = await readCurrent(transaction, folder, { now: context.clock.now(), only: '' });
    const plan = planMeshParts(declared, mesh, names.domains);
    await writeMesh({ context, transaction, permits, at: context.clock.now() }, plan);
  });
}

/** True when something in the domain waits for another domain. The plan is made again under the lock. */
async function applyDomain(context: Context, prepared: Prepared, name: string): Promise<boolean> {
  const { folder, permits } = prepared;
  return context.database.transact(async (transaction) => {
    await lockForApply(transaction, `domain:${name}`);
    const at = context.clock.now();
    const current = await readCurrent(transaction, folder, { now: at, only: name });
    const declared = folder.declaration.domains.find((domain) => domain.name === name);
    const plan = planAgain(declared, { name, folder, current, at });
    if (plan === null) return false;
    if (plan.problems.length > 0) throw new MeshError('mesh.refused', { problems: plan.problems });
    requirePermitted(plan, permits);
    await writeDomain({ context, transaction, permits, at }, plan);
    return plan.waits;
  });
}

interface Again {
  name: string;
  folder: Prepared['folder'];
  current: Awaited<ReturnType<typeof readCurrent>>;
  at: Date;
}

function planAgain(
  declared: DeclaredDomain | undefined,
  { name, folder, current, at }: Again,
): DomainPlan | null {
  if (declared !== undefined) return planOneDomain(declared, folder, { ...current, now: at });
  const stored = current.domains.get(name);
  return stored === null || stored === undefined || stored.row.closed_at !== null
    ? null
    : planRemoval(stored, { now: at, offer: offerFacts(folder, current) });
}
