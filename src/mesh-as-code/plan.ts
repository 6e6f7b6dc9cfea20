import { operation } from '../identity/context.ts';
import { answerOf } from './plan-changes.ts';
import { CHANGES_OUTPUT, FOLDER_INPUT, prepare } from './prepare.ts';

export const planMesh = operation({
  name: 'mesh.plan',
  summary: 'Show what applying a folder of the mesh, or of one domain, would change; changes nothing.',
  effect: 'read',
  http: { method: 'POST', path: '/plan' },
  scope: 'read',
  input: FOLDER_INPUT,
  output: CHANGES_OUTPUT,
  async run(context, input) {
    const { changes } = await prepare(context, input);
    return answerOf(changes, false);
  },
});
