import { z } from 'zod';
import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { operation } from '../../identity/context.ts';
import { lockWithInputs } from '../../products/runs/store.ts';
import { type BookmarkTarget, readTarget } from '../bookmarks/read-target.ts';
import { findGroupOf } from '../groups/store.ts';
import { bindValues } from '../parameter-values.ts';
import { type BackfillRange, backfillValues, MOST_VALUES } from './backfill-values.ts';
import { startChain } from './start-chain.ts';
import { findOpenBackfill } from './store.ts';

export const startBackfill = operation({
  name: 'dataset.backfill',
  summary:
    'Run a dataset’s pipeline once for each value of a parameter, one after the other; its bookmark stays where it is.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/datasets/:dataset/backfill' },
  scope: 'write',
  input: z.object({
    domain: z.string(),
    product: z.string(),
    dataset: z.string(),
    parameter: z.string(),
    range: z
      .object({
        from: z.string(),
        to: z.string().describe('the last value; it is one of them'),
        step: z
          .string()
          .optional()
          .describe('hour, day (the default), week, month, quarter or year; a number for whole numbers'),
      })
      .optional(),
    values: z.array(z.string()).min(1).max(MOST_VALUES).optional().describe('instead of a range, in order'),
    parameters: z
      .record(z.string(), z.string().nullable())
      .default({})
      .describe('values of the other parameters, the same in each run'),
  }),
  output: z.object({ group: z.string(), dataset: z.string(), runs: z.number() }),
  async run(context, input) {
    const target = await readTarget(context, input);
    const { datasetId, domainId, name, granted } = target;
    const links = planLinks(target, input);
    const [first, last] = [links[0]!.value, links.at(-1)!.value];
    return context.database.transact(async (transaction) => {
      await lockWithInputs(transaction, [datasetId]);
      const open = await findOpenBackfill(transaction, datasetId);
      if (open !== undefined)
        throw new MeshError('pipeline.backfill-open', { facts: { dataset: name, group: open } });
      const [run = ''] = await startChain(context, transaction, {
        datasetId,
        productId: target.productId,
        roundId: newId('rnd'),
        trigger: `backfill of ${input.parameter}, ${first} to ${last}`,
        links,
        after: null,
      });
      const group = (await findGroupOf(transaction, run))!.id;
      await recordChange(context, transaction, {
        action: 'dataset.backfill',
        object: datasetId,
        domainId,
        ...ruledBy(granted),
        facts: { dataset: name, parameter: input.parameter, first, last, runs: links.length, group },
      });
      return { group, dataset: name, runs: links.length };
    });
  },
});

interface Wanted {
  parameter: string;
  range?: BackfillRange | undefined;
  values?: string[] | undefined;
  parameters: Record<string, string | null>;
}

/**
 * What each run is given, in order.
 * @throws MeshError `pipeline.backfill-write`, `pipeline.backfill-values`, `pipeline.parameter-invalid`
 */
function planLinks({ name, settings }: BookmarkTarget, { parameter, range, values, parameters }: Wanted) {
  const { write } = settings;
  if (write !== 'merge' && write !== 'replace partitions')
    throw new MeshError('pipeline.backfill-write', { facts: { dataset: name, write } });
  const declared = settings.parameters.find((one) => one.name === parameter.toLowerCase());
  const refuse = (reason: string) =>
    new MeshError('pipeline.backfill-values', { facts: { parameter, reason } });
  if ((range === undefined) === (values === undefined)) throw refuse('give a range or a list of values');
  // Refused with the names there are.
  if (declared === undefined) bindValues(settings.parameters, { [parameter]: null });
  const found = range === undefined ? [...new Set(values)] : backfillValues(declared!.type, range);
  if (typeof found === 'string') throw refuse(found);
  return found.map((value) => {
    const given = { ...parameters, [declared!.name]: value };
    bindValues(settings.parameters, given);
    return { value, parameters: given };
  });
}
