import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { recordChange } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { bindValues, type GivenValues } from './parameter-values.ts';
import type { Parameter } from './read-parameter.ts';
import { readPipelineSettings } from './pipeline-settings.ts';
import { insertRun, listDatasetRows, readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';

/** Values by the name of a parameter, as text in the form of its type; null is SQL's NULL. */
const VALUES = z.record(z.string(), z.string().nullable()).default({});

export const runProduct = operation({
  name: 'product.run',
  summary: 'Run the pipelines of a product, or of one of its datasets.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/run' },
  scope: 'write',
  input: z.object({
    domain: z.string(),
    product: z.string(),
    dataset: z.string().optional(),
    parameters: VALUES,
  }),
  output: z.object({ runs: z.array(z.object({ id: z.string(), dataset: z.string() })) }),
  async run(context, input) {
    const { database, clock, caller, queue } = context;
    const product = await readProduct(database.reader, `${input.domain}.${input.product}`);
    const granted = await authorize(context, productQuestion('product.run', product));
    const all = await listDatasetRows(database.reader, product.id);
    const datasets = all.filter(
      ({ name, sql_text }) => sql_text !== null && [name, undefined].includes(input.dataset),
    );
    if (datasets.length === 0)
      throw new MeshError('pipeline.no-sql', { facts: { dataset: input.dataset ?? product.name } });
    const given = valuesFor(datasets, input.parameters);
    const runs = await database.transact(async (transaction) => {
      const queued: { id: string; dataset: string }[] = [];
      for (const { id: datasetId, name } of datasets) {
        const id = await insertRun(transaction, {
          datasetId,
          parameters: given.get(datasetId) ?? {},
          trigger: 'on demand',
          requestedBy: caller.id,
          at: clock.now(),
        });
        await queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId: id } });
        queued.push({ id, dataset: name });
      }
      await recordChange(context, transaction, {
        action: 'product.run',
        object: product.id,
        domainId: product.domain_id,
        reasons: granted.reasons,
        facts: { runs: queued.map(({ id }) => id) },
      });
      return queued;
    });
    return { runs };
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
