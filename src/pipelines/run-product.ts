import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { operation } from '../identity/context.ts';
import { orderSteps } from '../products/runs/order-steps.ts';
import { startRuns } from '../products/runs/start-runs.ts';
import { lockDatasets, readInputsOf } from '../products/runs/store.ts';
import { listDatasetRows, readProduct } from '../products/store.ts';
import { bindValues, type GivenValues } from './parameter-values.ts';
import type { Parameter } from './read-parameter.ts';
import { readPipelineSettings } from './pipeline-settings.ts';
import { productQuestion } from '../products/visible-products.ts';
import { findGroupOf } from './groups/store.ts';

/** Values by the name of a parameter, as text in the form of its type; null is SQL's NULL. */
const VALUES = z.record(z.string(), z.string().nullable()).default({});

export const runProduct = operation({
  name: 'product.run',
  summary: 'Run the pipelines of a product, each after those it reads, or the pipeline of one dataset.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/run' },
  scope: 'write',
  input: z.object({
    domain: z.string(),
    product: z.string(),
    dataset: z.string().optional(),
    parameters: VALUES,
  }),
  output: z.object({
    group: z.string(),
    runs: z.array(z.object({ id: z.string(), dataset: z.string() })),
  }),
  async run(context, input) {
    const { database, clock, caller } = context;
    const product = await readProduct(database.reader, `${input.domain}.${input.product}`);
    const granted = await authorize(context, productQuestion('product.run', product));
    const all = await listDatasetRows(database.reader, product.id);
    const names = new Map(
      all
        .filter(({ name, sql_text }) => sql_text !== null && [name, undefined].includes(input.dataset))
        .map(({ id, name }) => [id, name]),
    );
    if (names.size === 0)
      throw new MeshError('pipeline.no-sql', { facts: { dataset: input.dataset ?? product.name } });
    const given = valuesFor(
      all.filter(({ id }) => names.has(id)),
      input.parameters,
    );
    return database.transact(async (transaction) => {
      await lockDatasets(transaction, names.keys());
      const steps = orderSteps(names.keys(), await readInputsOf(transaction, names.keys()));
      const trigger = 'on demand';
      const started = await startRuns(context, transaction, {
        roundId: newId('rnd'),
        requestedBy: caller.id,
        starts: 'released',
        at: clock.now(),
        steps: steps.map((step) => ({
          ...step,
          productId: product.id,
          trigger,
          needs: [],
          parameters: given.get(step.datasetId) ?? {},
        })),
      });
      const runs = [...started].map(([datasetId, id]) => ({ id, dataset: names.get(datasetId)! }));
      await recordChange(context, transaction, {
        action: 'product.run',
        object: product.id,
        domainId: product.domain_id,
        ...ruledBy(granted),
        facts: { runs: runs.map(({ id }) => id) },
      });
      return { group: (await findGroupOf(transaction, runs[0]!.id))!.id, runs };
    });
  },
});

/** The values for each dataset: those that its pipeline declares; one that none declares is refused. */
function valuesFor(
  datasets: { id: string; sql_text: string | null }[],
  values: GivenValues,
): Map<string, GivenValues> {
  const declared = datasets.map(({ id, sql_text }) => {
    return { id, parameters: readPipelineSettings(sql_text ?? '').settings.parameters };
  });
  const every = declared.flatMap(({ parameters }) => parameters);
  const isOf = (parameters: Parameter[]) => (name: string) => parameters.some((one) => one.name === name);
  const unknown = Object.keys(values).filter((name) => !isOf(every)(name));
  bindValues(every, pick(values, unknown));
  return new Map(
    declared.map(({ id, parameters }) => {
      const own = pick(values, Object.keys(values).filter(isOf(parameters)));
      bindValues(parameters, own);
      return [id, own];
    }),
  );
}

function pick(values: GivenValues, names: string[]): GivenValues {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}
