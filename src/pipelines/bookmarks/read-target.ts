import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import type { Granted } from '../../policy/decide.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import { listDatasetRows, readProduct } from '../../products/store.ts';
import { productQuestion } from '../../products/visible-products.ts';
import { type PipelineSettings, readPipelineSettings } from '../pipeline-settings.ts';

export const BOOKMARK_INPUT = z.object({ domain: z.string(), product: z.string(), dataset: z.string() });
export const BOOKMARK_PATH = '/products/:domain/:product/datasets/:dataset/bookmark';

/** A dataset whose bookmark the caller may see and move: whoever may run its pipeline. */
export interface BookmarkTarget {
  datasetId: string;
  productId: string;
  domainId: string;
  /** `domain.product.dataset`. */
  name: string;
  settings: PipelineSettings;
  granted: Granted<'product.run'>;
}

/** @throws MeshError `not-found`, `auth.forbidden`, `pipeline.no-sql` */
export async function readTarget(
  context: Context,
  input: z.output<typeof BOOKMARK_INPUT>,
): Promise<BookmarkTarget> {
  const { reader } = context.database;
  const product = await readProduct(reader, `${input.domain}.${input.product}`);
  const granted = await authorize(context, productQuestion('product.run', product));
  const name = `${input.domain}.${input.product}.${input.dataset}`;
  const found = (await listDatasetRows(reader, product.id)).find((row) => row.name === input.dataset);
  if (found === undefined) throw new MeshError('not-found', { facts: { what: `dataset ${name}` } });
  if (found.sql_text === null) throw new MeshError('pipeline.no-sql', { facts: { dataset: name } });
  const { settings } = readPipelineSettings(found.sql_text);
  return { datasetId: found.id, productId: product.id, domainId: product.domain_id, name, settings, granted };
}
