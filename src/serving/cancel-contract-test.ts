import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { needRunningTest } from './running-tests.ts';

export const cancelContractTest = operation({
  name: 'contract-test.cancel',
  summary: 'Cancel a running contract test of yours.',
  effect: 'write',
  http: { method: 'DELETE', path: '/tests/:id' },
  scope: 'query',
  input: z.object({ id: z.string().max(60) }),
  output: z.object({ id: z.string(), cancelled: z.literal(true) }),
  async run({ caller }, { id }) {
    needRunningTest(id, caller.id).stop.abort();
    return { id, cancelled: true as const };
  },
});
