import { z } from 'zod';
import { newId } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Contract } from '../../contracts/odcs.ts';
import { needVariables, readDatasetContract } from '../../contracts/read-contract.ts';
import { operation } from '../../identity/context.ts';
import { findDataset } from '../read-dataset.ts';
import { cancelHere, runTest } from './running-tests.ts';
import { insertTest, needTest } from './store.ts';
import { testPlanned } from './test-planned.ts';
import { TEST_VIEW, viewTest } from './views.ts';

/** A test of a small table is over by then: one request instead of two. */
const WAIT_MS = 2_000;
/** Longer held requests are what this is not. */
const MOST_WAIT_MS = 10_000;

const INPUT = z.object({
  domain: z.string(),
  product: z.string(),
  dataset: z.string(),
  contract: z
    .string()
    .max(LIMITS.documentBytes)
    .optional()
    .describe('an ODCS document; default: the dataset’s'),
  variables: z
    .record(z.string(), z.string().max(4_000))
    .default({})
    .describe('values for `${NAME}` in this document'),
  purpose: z.string().max(500).optional().describe('which subscription to use, where several apply'),
  waitMs: z
    .number()
    .int()
    .min(0)
    .max(MOST_WAIT_MS)
    .default(WAIT_MS)
    .describe('how long the answer may wait for the end of the test'),
  id: z
    .string()
    .regex(/^qry_[0-9a-z]{8,40}$/, 'must be qry_ and 8 to 40 digits or lower-case letters')
    .optional()
    .describe('an id of your own, to see progress and to cancel by'),
});

export const startContractTest = operation({
  name: 'contract.test',
  summary: 'Test the released rows that you see of a dataset against its contract, or against another one.',
  effect: 'read',
  http: { method: 'POST', path: '/tests' },
  scope: 'query',
  input: INPUT,
  output: TEST_VIEW,
  async run(context, input) {
    const { domain, product, dataset, purpose, waitMs } = input;
    const planned = await findDataset(context, { domain, product, dataset, purpose, at: undefined });
    const contract = contractOf(input) ?? (planned.facts.contract as unknown as Contract);
    const id = input.id ?? newId('qry');
    const { caller, clock, database, request } = context;
    const named = { domain, product, dataset, purpose: purpose ?? null, planHash: planned.plan.hash };
    const at = clock.now();
    await database.transact((transaction) =>
      insertTest(transaction, { id, principalId: caller.id, ...named, at }),
    );
    const ended = runTest(context, id, (signal, onProgress) =>
      testPlanned(
        { ...context, request: { ...request, signal } },
        { id, planned, contract, purpose, onProgress },
      ),
    );
    await within(ended, waitMs, request.signal);
    // Whoever hangs up before the answer may not know the id.
    if (request.signal.aborted) cancelHere(id);
    return viewTest(await needTest(database.reader, { id, principalId: caller.id, now: clock.now() }));
  },
});

function contractOf({ contract, variables }: z.output<typeof INPUT>): Contract | null {
  if (contract === undefined) return null;
  return needVariables(readDatasetContract({ file: 'contract', content: contract }), {
    variables: new Map(Object.entries(variables)),
    isUsed: ([first]) => first !== 'servers',
    hint: 'give it in `variables`',
  }).value;
}

async function within(work: Promise<void>, waitMs: number, signal: AbortSignal): Promise<void> {
  const waiting = Promise.withResolvers<void>();
  const timer = setTimeout(waiting.resolve, waitMs);
  const stop = () => waiting.resolve();
  signal.addEventListener('abort', stop, { once: true });
  await Promise.race([work, waiting.promise]);
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
}
