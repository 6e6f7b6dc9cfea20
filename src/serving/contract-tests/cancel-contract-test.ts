import { z } from 'zod';
import { operation } from '../../identity/context.ts';
import { cancelHere } from './running-tests.ts';
import { needTest, requestTestCancel } from './store.ts';

export const cancelContractTest = operation({
  name: 'contract-test.cancel',
  summary: 'Cancel a running contract test of yours, on whichever server it runs.',
  effect: 'write',
  http: { method: 'DELETE', path: '/tests/:id' },
  scope: 'query',
  input: z.object({ id: z.string().max(60) }),
  output: z.object({ id: z.string(), cancelled: z.boolean().describe('false when it was over already') }),
  async run({ caller, clock, database }, { id }) {
    const mine = { id, principalId: caller.id };
    const { state } = await needTest(database.reader, { ...mine, now: clock.now() });
    if (state !== 'running') return { id, cancelled: false };
    await database.transact((transaction) => requestTestCancel(transaction, mine));
    cancelHere(id);
    return { id, cancelled: true };
  },
});
