import type { Access, Hit, HitKind, ProductRow } from './api-types.ts';

/** What the catalog shows, kept in the address so that it can be shared and survives going back. */
export interface CatalogSearch {
  q?: string | undefined;
  domain?: string | undefined;
  access?: Access | undefined;
  tag?: string | undefined;
  kind?: HitKind | undefined;
}

/** A product as the list shows it; `access` is null where only the search told of it. */
export type Listed = Omit<ProductRow, 'access' | 'version'> & { access: Access | null };

/** A product with what the search found inside it. */
export interface Match {
  product: Listed;
  /** Datasets and columns of the product that matched, best first. */
  inside: Hit[];
}

export interface Facet {
  value: string;
  label: string;
  count: number;
}

const productKey = (domain: string, name: string | null) => `${domain}.${name}`;

export type Filter = Pick<CatalogSearch, 'domain' | 'access' | 'tag'>;

/** A filter that offers values: tags of one key are one filter, since a product has one value for each key. */
export type FilterId = 'domain' | 'access' | `tag:${string}`;

/** The key of `layer:aggregate` is `layer`; a tag of one word has the empty key. */
export const tagKey = (tag: string): string => (tag.includes(':') ? tag.slice(0, tag.indexOf(':')) : '');
export const tagValue = (tag: string): string => tag.slice(tag.indexOf(':') + 1);

/** The tags chosen: one for each key, joined by commas in the address. */
export const chosenTags = ({ tag }: Filter): string[] => tag?.split(',') ?? [];

/** The choice of tags with the one of this key replaced, or taken away. */
export function withTag(filter: Filter, key: string, tag: string | undefined): string | undefined {
  const others = chosenTags(filter).filter((chosen) => tagKey(chosen) !== key);
  return [...others, ...(tag === undefined ? [] : [tag])].join(',') || undefined;
}

/** The products that pass every filter chosen, but for the one named in `but`. */
export function filterProducts<P extends Listed>(products: P[], filter: Filter, but?: FilterId): P[] {
  const tags = chosenTags(filter).filter((tag) => but !== `tag:${tagKey(tag)}`);
  return products.filter(
    (product) =>
      (but === 'domain' || !filter.domain || product.domain === filter.domain) &&
      (but === 'access' || !filter.access || product.access === filter.access) &&
      tags.every((tag) => product.tags.includes(tag)),
  );
}

/** How many products each value would leave, most first. */
export function countBy(products: ProductRow[], valuesOf: (product: ProductRow) => string[]): Facet[] {
  const counts = new Map<string, number>();
  for (const product of products) {
    for (const value of valuesOf(product)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, label: value, count }))
    .sort((a, b) => b.count - a.count || a.label.localeCompare(b.label));
}

interface Catalog {
  products: ProductRow[];
  complete: boolean;
}

/**
 * Hits gathered under their product, in the order of the best hit of each. In a mesh larger than what was read of
 * its catalog, a product that is not in it is shown by what its hits say, unless a filter needs to know more.
 */
export function groupHits(hits: Hit[], { products, complete }: Catalog, filter: Filter): Match[] {
  const known = new Map(products.map((product) => [productKey(product.domain, product.name), product]));
  const matches = new Map<string, Match>();
  for (const hit of hits) {
    if (hit.product === null) continue;
    const key = productKey(hit.domain, hit.product);
    const product = known.get(key) ?? (complete ? undefined : productOf(hit, hit.product));
    if (!product || filterProducts([product], filter).length === 0) continue;
    const match = matches.get(key) ?? { product, inside: [] };
    matches.set(key, match);
    if (hit.kind === 'dataset' || hit.kind === 'column') match.inside.push(hit);
  }
  return [...matches.values()];
}

function productOf({ kind, domain, title, description, tags }: Hit, name: string): Listed {
  const isProduct = kind === 'product';
  return {
    id: productKey(domain, name),
    domain,
    name,
    title: isProduct ? title : name,
    description: isProduct ? description : null,
    tags: isProduct ? tags : [],
    status: 'published',
    datasets: [],
    access: null,
  };
}

/** The newest release of any dataset, or null when nothing was released yet. */
export function lastRelease(product: Listed): string | null {
  const times = product.datasets.flatMap(({ releasedAt }) => (releasedAt === null ? [] : [releasedAt]));
  return times.sort().at(-1) ?? null;
}

/** Rows of all released datasets, or null when nothing was released yet. */
export function totalRows(product: Listed): number | null {
  const rows = product.datasets.flatMap((dataset) => (dataset.rows === null ? [] : [dataset.rows]));
  return rows.length === 0 ? null : rows.reduce((sum, count) => sum + count, 0);
}
