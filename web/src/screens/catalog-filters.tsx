import type { ReactNode } from 'react';
import type { Access, Domain, ProductRow } from '../api-types.ts';
import { type CatalogSearch, countBy, type Facet, filterProducts } from '../catalog-match.ts';
import { cn } from '../parts/class-names.ts';
import { Select } from '../parts/field.tsx';

const ACCESS_LABELS: [Access, string][] = [
  ['own', 'Of my domains'],
  ['active', 'I have access'],
  ['requested', 'Requested'],
  ['expired', 'Expired'],
  ['none', 'On request'],
];

const KIND_LABELS: Facet[] = [
  { value: 'product', label: 'Products', count: 0 },
  { value: 'dataset', label: 'Datasets', count: 0 },
  { value: 'column', label: 'Columns', count: 0 },
];

const MAX_TAGS = 14;

interface CatalogFiltersProps {
  products: ProductRow[];
  domains: Domain[];
  search: CatalogSearch;
  onChange: (part: CatalogSearch) => void;
}

interface FilterGroup {
  title: string;
  all: string;
  name: 'kind' | 'domain' | 'access' | 'tag';
  facets: Facet[];
}

/** Each group counts what its values would leave under the other groups' choice. */
function groupsOf({ products, domains, search }: CatalogFiltersProps): FilterGroup[] {
  const titles = new Map(domains.map((domain) => [domain.name, domain.title]));
  const accessCounts = new Map(
    countBy(filterProducts(products, search, 'access'), ({ access }) => [access]).map((facet) => [
      facet.value,
      facet.count,
    ]),
  );
  const groups: FilterGroup[] = [
    {
      title: 'Domain',
      all: 'All domains',
      name: 'domain',
      facets: countBy(filterProducts(products, search, 'domain'), ({ domain }) => [domain])
        .map((facet) => ({ ...facet, label: titles.get(facet.value) ?? facet.value }))
        .sort((a, b) => a.label.localeCompare(b.label)),
    },
    {
      title: 'Access',
      all: 'Any access',
      name: 'access',
      facets: ACCESS_LABELS.map(([value, label]) => ({
        value,
        label,
        count: accessCounts.get(value) ?? 0,
      })).filter(({ value, count }) => count > 0 || value === search.access),
    },
    {
      title: 'Tag',
      all: 'Any tag',
      name: 'tag',
      facets: countBy(filterProducts(products, search, 'tag'), ({ tags }) => tags).slice(0, MAX_TAGS),
    },
  ];
  const found: FilterGroup = { title: 'Found in', all: 'Everything', name: 'kind', facets: KIND_LABELS };
  // The counts are of the whole catalog, not of what the text finds.
  const shown = search.q ? [found, ...groups.map(withoutCounts)] : groups;
  return shown.filter(({ facets }) => facets.length > 0);
}

export function CatalogFilters(props: CatalogFiltersProps) {
  const groups = groupsOf(props);
  const choose = (group: FilterGroup, value: string | undefined) =>
    props.onChange({ [group.name]: value } as CatalogSearch);
  return (
    <div role="group" aria-label="Filters">
      <div className="mb-4 grid grid-cols-2 gap-2 sm:grid-cols-4 lg:hidden">
        {groups.map((group) => (
          <Select
            key={group.name}
            aria-label={group.title}
            value={props.search[group.name] ?? ''}
            onChange={(event) => choose(group, event.target.value || undefined)}
          >
            <option value="">{group.all}</option>
            {group.facets.map((facet) => (
              <option key={facet.value} value={facet.value}>
                {facet.label}
              </option>
            ))}
          </Select>
        ))}
      </div>
      <div className="hidden space-y-6 lg:block">
        {groups.map((group) => (
          <FilterList
            key={group.name}
            group={group}
            chosen={props.search[group.name]}
            choose={(value) => choose(group, value)}
          />
        ))}
      </div>
    </div>
  );
}

interface FilterListProps {
  group: FilterGroup;
  chosen: string | undefined;
  choose: (value: string | undefined) => void;
}

function FilterList({ group, chosen, choose }: FilterListProps) {
  return (
    <section aria-label={group.title}>
      <h2 className="mb-1 px-2 text-xs font-medium text-ink-faint">{group.title}</h2>
      <ul>
        <FilterOption active={chosen === undefined} onPress={() => choose(undefined)}>
          {group.all}
        </FilterOption>
        {group.facets.map((facet) => (
          <FilterOption
            key={facet.value}
            active={chosen === facet.value}
            count={facet.count}
            onPress={() => choose(chosen === facet.value ? undefined : facet.value)}
          >
            {facet.label}
          </FilterOption>
        ))}
      </ul>
    </section>
  );
}

interface FilterOptionProps {
  active: boolean;
  count?: number;
  onPress: () => void;
  children: ReactNode;
}

function FilterOption({ active, count, onPress, children }: FilterOptionProps) {
  return (
    <li>
      <button
        type="button"
        aria-pressed={active}
        onClick={onPress}
        className={cn(
          'flex h-7 w-full items-center justify-between gap-2 rounded-md px-2 text-left text-sm text-ink-soft hover:bg-hover hover:text-ink',
          active && 'bg-sunken font-medium text-ink',
        )}
      >
        <span className="truncate">{children}</span>
        {count !== undefined && count > 0 && (
          <span className="text-xs font-normal text-ink-faint tabular">{count}</span>
        )}
      </button>
    </li>
  );
}

const withoutCounts = (group: FilterGroup): FilterGroup => ({
  ...group,
  facets: group.facets.map((facet) => ({ ...facet, count: 0 })),
});
