import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { recordChange } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { insertRun, listDatasetRows, readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';

export const runProduct = operation({
  name: 'product.run',
  summary: 'Run the pipelines of a product, or of one of its datasets.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/run' },
  scope: 'write',
  input: z.object({ domain: z.string(), product: z.string(), dataset: z.string().optional() }),
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
    const runs = await database.transact(async (transaction) => {
      const queued: { id: string; dataset: string }[] = [];
      for (const { id: datasetId, name } of datasets) {
        const id = await insertRun(transaction, {
          datasetId,
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
