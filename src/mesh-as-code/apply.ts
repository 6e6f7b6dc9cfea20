import { operation } from '../identity/context.ts';
import { applyFolder } from './apply-parts.ts';
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
    await applyFolder(context, prepared, context.database.transact);
    return answerOf(prepared.changes, true);
  },
});
