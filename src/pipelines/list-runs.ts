import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { operation } from '../identity/context.ts';
import { readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';
import { plansOfRuns, RUN_VIEW, viewRun } from './run-view.ts';
import { listRuns as listRunRows } from './store.ts';

const MOST_RUNS = 50;

export const listRuns = operation({
  name: 'product.list-runs',
  summary: 'The last runs of a product’s pipelines, with their checks and failing rows; for its producers.',
  effect: 'read',
  http: { method: 'GET', path: '/products/:domain/:product/runs' },
  scope: 'read',
  input: z.object({ domain: z.string(), product: z.string() }),
  output: z.object({ runs: z.array(RUN_VIEW) }),
  async run(context, input) {
    const product = await readProduct(context.database.reader, `${input.domain}.${input.product}`);
    await authorize(context, productQuestion('product.run', product));
    const rows = await listRunRows(context.database.reader, product.id, MOST_RUNS);
    const plans = await plansOfRuns(
      context,
      rows.map((row) => row.dataset_id),
    );
    return { runs: rows.map((row) => viewRun(row, plans.get(row.dataset_id) ?? null)) };
  },
});
