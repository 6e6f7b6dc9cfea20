import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { listColumnUse } from '../audit/store.ts';
import type { Column } from '../base/data-type.ts';
import { isoTime } from '../base/clock.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { groupUse } from './compare-versions.ts';
import { IMPACT_DAYS } from './majors/read-facts.ts';
import { IMPACT_VIEW } from './majors/verdict-view.ts';
import { listDatasets, readProduct } from './store.ts';
import { productQuestion } from './visible-products.ts';

const DAY_MS = 86_400_000;

export const showUse = operation({
  name: 'product.impact',
  summary:
    'Show who read a product, one of its datasets or a column in the last 90 days, before you change it.',
  effect: 'read',
  http: { method: 'GET', path: '/products/:domain/:product/impact' },
  scope: 'read',
  input: z.object({
    domain: z.string(),
    product: z.string(),
    dataset: z.string().optional(),
    column: z.string().optional().describe('a column of this dataset'),
  }),
  output: z.object({ since: z.string(), impact: z.array(IMPACT_VIEW) }),
  async run(context, input) {
    const { reader } = context.database;
    const product = await readProduct(reader, `${input.domain}.${input.product}`);
    await authorize(context, productQuestion('product.publish', product));
    const datasets = datasetsAsked(await listDatasets(reader, product.id), input, product.addressed);
    const since = new Date(context.clock.now().getTime() - IMPACT_DAYS * DAY_MS);
    const names = new Map(datasets.map(({ id, name }) => [id, name]));
    const use = await listColumnUse(reader, [...names.keys()], since);
    const isAsked = (column: string) => input.column === undefined || isSame(column, input.column);
    const impact = groupUse(use, ({ datasetId, column }) =>
      isAsked(column) ? (names.get(datasetId) ?? null) : null,
    );
    return { since: isoTime(since), impact };
  },
});

/** @throws MeshError `not-found`: whoever mistypes a column shall not read that nobody uses it */
function datasetsAsked<Dataset extends { name: string; columns: Column[] }>(
  all: Dataset[],
  { dataset, column }: { dataset?: string | undefined; column?: string | undefined },
  product: string,
): Dataset[] {
  const asked = dataset === undefined ? all : all.filter(({ name }) => isSame(name, dataset));
  if (dataset !== undefined && asked.length === 0)
    throw new MeshError('not-found', { facts: { what: `dataset ${product}.${dataset}` } });
  if (column === undefined) return asked;
  if (dataset === undefined) {
    const message = 'a column is one of a dataset: give `dataset` too';
    throw new MeshError('input.invalid', { problems: [{ message, pointer: '/dataset' }] });
  }
  if (!asked.some(({ columns }) => columns.some(({ name }) => isSame(name, column))))
    throw new MeshError('not-found', { facts: { what: `column ${product}.${dataset}.${column}` } });
  return asked;
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
