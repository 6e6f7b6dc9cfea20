import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { needRunningTest } from './running-tests.ts';

export const getContractTest = operation({
  name: 'contract-test.get',
  summary: 'How far a running contract test of yours is.',
  effect: 'read',
  http: { method: 'GET', path: '/tests/:id' },
  scope: 'query',
  input: z.object({ id: z.string().max(60) }),
  output: z.object({ id: z.string(), done: z.number().int(), total: z.number().int() }),
  async run({ caller }, { id }) {
    return { id, ...needRunningTest(id, caller.id).progress };
  },
});
