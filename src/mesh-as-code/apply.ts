import { operation } from '../identity/context.ts';
import { applyDomain, applyMeshParts, changesMesh } from './apply-parts.ts';
import { domainOrder } from './domain-order.ts';
import { answerOf } from './plan-changes.ts';
import { CHANGES_OUTPUT, FOLDER_INPUT, prepare } from './prepare.ts';

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
    const { transact } = context.database;
    if (changesMesh(prepared)) {
      await transact((transaction) => applyMeshParts({ context, transaction, prepared }));
    }
    const applyOne = (name: string) =>
      transact((transaction) => applyDomain({ context, transaction, prepared }, name));
    const waiting: string[] = [];
    for (const name of domainOrder(prepared.changes.domains)) if (await applyOne(name)) waiting.push(name);
    // Domains may read each other in a circle; what had to wait in the first round is there in the second.
    for (const name of waiting) await applyOne(name);
    return answerOf(prepared.changes, true);
  },
});
