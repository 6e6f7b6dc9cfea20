import { z } from 'zod';
import { operation } from '../../identity/context.ts';
import { findDataset } from '../read-dataset.ts';
import { needTest } from './store.ts';
import { TEST_VIEW, viewTest, withoutSamples } from './views.ts';

export const getContractTest = operation({
  name: 'contract-test.get',
  summary: 'How far a contract test of yours is, and what it came to; kept for a quarter of an hour.',
  effect: 'read',
  http: { method: 'GET', path: '/tests/:id' },
  scope: 'query',
  input: z.object({ id: z.string().max(60) }),
  output: TEST_VIEW,
  async run(context, { id }) {
    const { caller, clock, database } = context;
    const test = await needTest(database.reader, { id, principalId: caller.id, now: clock.now() });
    const view = viewTest(test);
    if (view.report === null) return view;
    const { domain, product, dataset, purpose } = test;
    // What was taken away since is not read any more.
    const wanted = { domain, product, dataset, purpose: purpose ?? undefined, at: undefined };
    const { plan } = await findDataset(context, wanted);
    return plan.hash === test.planHash ? view : withoutSamples(view);
  },
});
