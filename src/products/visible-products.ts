import { whichAllowed } from '../audit/decisions.ts';
import type { Context } from '../identity/context.ts';
import type { ACTIONS } from '../policy/action.ts';
import { listProducts, type ListedProduct, type ProductPage } from './store.ts';

/** Products read and judged at once: one statement for their policies. */
const BATCH = 200;

type ProductAction = (typeof ACTIONS.Product)[number];
type Identified = { id: string; domain_id: string; domain: string; name: string; addressed?: string };

/** The question whether the caller may do this with a product. */
export function productQuestion<A extends ProductAction>(action: A, product: Identified) {
  return {
    action,
    resource: { type: 'Product' as const, domain: product.domain, product: product.name },
    scope: { domainId: product.domain_id, productId: product.id },
    ...(product.addressed === undefined ? {} : { addressed: product.addressed }),
  };
}

/** Those that the caller may discover: for everybody else the others do not exist. */
export async function onlyVisible<Product extends Identified>(
  context: Context,
  products: Product[],
): Promise<Product[]> {
  const questions = products.map((product) => productQuestion('product.discover', product));
  const allowed = await whichAllowed(context, questions);
  return products.filter((_, index) => allowed[index]);
}

/** One page of the products the caller may discover, and where the next one starts. */
export async function listVisibleProducts(
  context: Context,
  page: ProductPage,
): Promise<{ products: ListedProduct[]; next: string | null }> {
  const found: ListedProduct[] = [];
  let { after } = page;
  for (;;) {
    const batch = await listProducts(context.database.reader, { ...page, after, limit: BATCH });
    found.push(...(await onlyVisible(context, batch)));
    const last = batch.at(-1);
    if (last !== undefined) after = `${last.domain}.${last.name}`;
    const ended = batch.length < BATCH;
    if (!ended && found.length <= page.limit) continue;
    const products = found.slice(0, page.limit);
    const shown = products.at(-1);
    const more = found.length > page.limit && shown !== undefined;
    return { products, next: more ? `${shown.domain}.${shown.name}` : null };
  }
}
