import type { Access, Domain, HitKind, ProductRow } from './api-types.ts';
import {
  type CatalogSearch,
  chosenTags,
  countBy,
  type Facet,
  filterProducts,
  type FilterId,
  tagKey,
  tagValue,
  withTag,
} from './catalog-match.ts';
import { sentence } from './format.ts';

/** One filter of the catalog with the values it offers. */
export interface FilterGroup {
  id: FilterId | 'kind';
  title: string;
  /** The choice of no value. */
  all: string;
  facets: Facet[];
  chosen: string | undefined;
  /** What choosing a value changes in the address. */
  choose: (value: string | undefined) => CatalogSearch;
}

const ACCESS_LABELS: [Access, string][] = [
  ['own', 'Of my domains'],
  ['active', 'I have access'],
  ['forbidden', 'Forbidden by a policy'],
  ['requested', 'Requested'],
  ['expired', 'Expired'],
  ['none', 'On request'],
];

const KIND_LABELS: Facet[] = [
  { value: 'product', label: 'Products', count: 0 },
  { value: 'dataset', label: 'Datasets', count: 0 },
  { value: 'column', label: 'Columns', count: 0 },
];

const MAX_TAGS = 12;

interface Shown {
  products: ProductRow[];
  domains: Domain[];
  search: CatalogSearch;
}

/** Each filter counts what its values would leave under the choice of the others. */
export function filterGroups(shown: Shown): FilterGroup[] {
  const { search } = shown;
  const groups = [domainGroup(shown), accessGroup(shown), ...tagGroups(shown)];
  // While searching, counts of the whole catalog would say nothing about what the text finds.
  const withKind = search.q ? [kindGroup(search), ...groups.map(withoutCounts)] : groups;
  return withKind.filter(({ facets }) => facets.length > 0);
}

const withoutCounts = (group: FilterGroup): FilterGroup => ({
  ...group,
  facets: group.facets.map((facet) => ({ ...facet, count: 0 })),
});

const kindGroup = (search: CatalogSearch): FilterGroup => ({
  id: 'kind',
  title: 'Found in',
  all: 'Everything',
  facets: KIND_LABELS,
  chosen: search.kind,
  choose: (value) => ({ kind: value as HitKind | undefined }),
});

function domainGroup({ products, domains, search }: Shown): FilterGroup {
  const titles = new Map(domains.map((domain) => [domain.name, domain.title]));
  return {
    id: 'domain',
    title: 'Domain',
    all: 'All domains',
    facets: countBy(filterProducts(products, search, 'domain'), ({ domain }) => [domain])
      .map((facet) => ({ ...facet, label: titles.get(facet.value) ?? facet.value }))
      .sort((a, b) => a.label.localeCompare(b.label)),
    chosen: search.domain,
    choose: (domain) => ({ domain }),
  };
}

function accessGroup({ products, search }: Shown): FilterGroup {
  const counted = countBy(filterProducts(products, search, 'access'), ({ access }) => [access]);
  const counts = new Map(counted.map(({ value, count }) => [value, count]));
  return {
    id: 'access',
    title: 'Access',
    all: 'Any access',
    facets: ACCESS_LABELS.map(([value, label]) => ({ value, label, count: counts.get(value) ?? 0 })).filter(
      ({ value, count }) => count > 0 || value === search.access,
    ),
    chosen: search.access,
    choose: (value) => ({ access: value as Access | undefined }),
  };
}

function tagGroups({ products, search }: Shown): FilterGroup[] {
  const keys = [...new Set(products.flatMap(({ tags }) => tags.map(tagKey)))].sort();
  return keys.map((key) => ({
    id: `tag:${key}`,
    title: key === '' ? 'Tag' : sentence(`${key} `).trim(),
    all: key === '' ? 'Any tag' : `Any ${key}`,
    facets: countBy(filterProducts(products, search, `tag:${key}`), ({ tags }) =>
      tags.filter((tag) => tagKey(tag) === key),
    )
      .map((facet) => ({ ...facet, label: tagValue(facet.value) }))
      .slice(0, MAX_TAGS),
    chosen: chosenTags(search).find((tag) => tagKey(tag) === key),
    choose: (tag) => ({ tag: withTag(search, key, tag) }),
  }));
}
