import { expect, test } from 'vitest';
import type { Hit, ProductRow } from './api-types.ts';
import { countBy, filterProducts, groupHits, lastRelease, totalRows, withTag } from './catalog-match.ts';

const product = (domain: string, name: string, more: Partial<ProductRow> = {}): ProductRow => ({
  id: `prd_${name}`,
  domain,
  name,
  title: name,
  description: null,
  tags: [],
  status: 'published',
  version: '1.0.0',
  datasets: [],
  access: 'none',
  ...more,
});

const hit = (kind: Hit['kind'], productName: string | null, more: Partial<Hit> = {}): Hit => ({
  kind,
  id: `${kind} ${productName}`,
  domain: 'sales',
  product: productName,
  dataset: null,
  column: null,
  title: productName ?? 'Sales',
  description: null,
  tags: [],
  score: 1,
  ...more,
});

const products = [
  product('sales', 'sell-out', { access: 'active', tags: ['weekly'] }),
  product('sales', 'stores', { tags: ['reference'] }),
  product('finance', 'revenue', { tags: ['weekly'] }),
];

test('filters combine, and a group counts under the other groups only', () => {
  expect(filterProducts(products, { domain: 'sales', tag: 'weekly' }).map(({ name }) => name)).toEqual([
    'sell-out',
  ]);
  expect(filterProducts(products, { domain: 'sales', tag: 'weekly' }, 'domain')).toHaveLength(2);
  expect(countBy(products, ({ tags }) => tags)).toEqual([
    { value: 'weekly', label: 'weekly', count: 2 },
    { value: 'reference', label: 'reference', count: 1 },
  ]);
});

test('hits are gathered under their product in the order of the best', () => {
  const hits = [
    hit('domain', null),
    hit('column', 'stores', { dataset: 'stores', column: 'gln' }),
    hit('product', 'sell-out'),
    hit('dataset', 'stores', { dataset: 'stores' }),
  ];
  const matches = groupHits(hits, { products, complete: true }, {});
  expect(matches.map((match) => match.product.name)).toEqual(['stores', 'sell-out']);
  expect(matches[0]?.inside.map(({ kind }) => kind)).toEqual(['column', 'dataset']);
  expect(groupHits(hits, { products, complete: true }, { access: 'active' })).toHaveLength(1);
});

test('a product outside what was read is shown by its hit, without a claim about access', () => {
  const hits = [hit('product', 'far-away', { title: 'Far away' })];
  expect(groupHits(hits, { products, complete: true }, {})).toEqual([]);
  const [match] = groupHits(hits, { products, complete: false }, {});
  expect(match?.product).toMatchObject({ title: 'Far away', access: null });
  expect(groupHits(hits, { products, complete: false }, { access: 'own' })).toEqual([]);
});

test('release and rows of a product are those of its datasets', () => {
  const dataset = (releasedAt: string | null, rows: number | null) => ({
    name: 'd',
    sqlName: 'a.d',
    columns: 1,
    releasedAt,
    rows,
  });
  const released = product('a', 'b', {
    datasets: [dataset('2026-01-02T00:00:00Z', 5), dataset(null, null), dataset('2026-01-01T00:00:00Z', 7)],
  });
  expect(lastRelease(released)).toBe('2026-01-02T00:00:00Z');
  expect(totalRows(released)).toBe(12);
  expect([lastRelease(product('a', 'c')), totalRows(product('a', 'c'))]).toEqual([null, null]);
});

test('of each key one tag is chosen, and all chosen must fit', () => {
  expect(withTag({}, 'layer', 'layer:aggregate')).toBe('layer:aggregate');
  expect(withTag({ tag: 'layer:aggregate,subject:sales' }, 'layer', 'layer:source')).toBe(
    'subject:sales,layer:source',
  );
  expect(withTag({ tag: 'layer:aggregate' }, 'layer', undefined)).toBeUndefined();
  const tagged = [product('a', 'b', { tags: ['layer:source', 'subject:sales'] })];
  expect(filterProducts(tagged, { tag: 'layer:source,subject:sales' })).toHaveLength(1);
  expect(filterProducts(tagged, { tag: 'layer:source,subject:stock' })).toHaveLength(0);
  expect(filterProducts(tagged, { tag: 'layer:source,subject:stock' }, 'tag:subject')).toHaveLength(1);
});
