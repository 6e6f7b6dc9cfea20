import { MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { lockForApply } from '../store/mesh-lock.ts';
import { isChange } from './change.ts';
import { checkCycles } from './check-references.ts';
import type { DeclaredDomain } from './declaration.ts';
import { domainOrder } from './domain-order.ts';
import { requirePermitted } from './permits.ts';
import { inputsOf, offerFacts, planOneDomain } from './plan-changes.ts';
import { type DomainPlan, planRemoval } from './plan-domain.ts';
import { meshChangesOf, planMeshParts } from './plan-mesh.ts';
import type { Prepared } from './prepare.ts';
import { readCurrent } from './read-current.ts';
import { readDirectory } from './state/store.ts';
import { writeDomain } from './write-domain.ts';
import { writeMesh } from './write-mesh.ts';

/** One transaction that applies something. */
interface Applying {
  context: Context;
  transaction: Transaction;
  prepared: Prepared;
}

/** Runs a part of an apply in a transaction: each in one of its own, or all in the same. */
type Transact = <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;

/** Everything an apply writes, in its order: the mesh, then domain by domain. */
export async function applyFolder(context: Context, prepared: Prepared, transact: Transact): Promise<void> {
  if (changesMesh(prepared)) {
    await transact((transaction) => applyMeshParts({ context, transaction, prepared }));
  }
  const applyOne = (name: string) =>
    transact((transaction) => applyDomain({ context, transaction, prepared }, name));
  const waiting: string[] = [];
  for (const name of domainOrder(prepared.changes.domains)) if (await applyOne(name)) waiting.push(name);
  // Domains may read each other in a circle; what had to wait in the first round is there in the second.
  for (const name of waiting) await applyOne(name);
}

/** Whether the folder changes the mesh itself: its tags, attributes, policies, restrictions. */
function changesMesh({ folder, changes }: Prepared): boolean {
  if (folder.declaration.mesh === null || changes.mesh === null) return false;
  return meshChangesOf(changes.mesh).some((change) => isChange({ change }));
}

async function applyMeshParts({ context, transaction, prepared }: Applying): Promise<void> {
  const { folder, permits } = prepared;
  await lockForApply(transaction, 'mesh');
  const current = await readCurrent(transaction, folder, { now: context.clock.now(), only: '' });
  const { mesh, names } = current;
  const tags = { ...current.tags, domains: [] };
  const plan = planMeshParts(folder.declaration.mesh!, mesh, { known: names.domains, tags });
  if (plan.problems.length > 0) throw new MeshError('mesh.refused', { problems: plan.problems });
  await writeMesh({ context, transaction, permits, at: context.clock.now() }, plan);
}

/** True when something in the domain waits for another domain. The plan is made again under the lock. */
async function applyDomain({ context, transaction, prepared }: Applying, name: string): Promise<boolean> {
  const { folder, permits } = prepared;
  // First, as whoever writes mesh.yaml does: its tags stay as they are until this is written.
  await lockForApply(transaction, 'mesh', 'shared');
  await lockForApply(transaction, `domain:${name}`);
  const at = context.clock.now();
  const current = await readCurrent(transaction, folder, { now: at, only: name });
  const declared = folder.declaration.domains.find((domain) => domain.name === name);
  const plan = planAgain(declared, { name, folder, current, at });
  if (plan === null) return false;
  if (plan.problems.length > 0) throw new MeshError('mesh.refused', { problems: plan.problems });
  requirePermitted(plan, permits);
  await writeDomain({ context, transaction, permits, at }, plan);
  if (plan.products.some(({ datasets }) => datasets.some(isChange)))
    await refuseCircles(transaction, prepared);
  return plan.waits;
}

/** Two domains applied at once could each see no circle: the second one to come here sees both. */
async function refuseCircles(transaction: Transaction, { folder, changes }: Prepared): Promise<void> {
  await lockForApply(transaction, 'inputs');
  const directory = await readDirectory(transaction);
  const { declaration } = folder;
  const problems = checkCycles({ declaration, directory }, inputsOf(changes.domains));
  if (problems.length > 0) throw new MeshError('mesh.refused', { problems });
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
