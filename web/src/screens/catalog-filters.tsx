import type { ReactNode } from 'react';
import type { Domain, ProductRow } from '../api-types.ts';
import { type FilterGroup, filterGroups } from '../catalog-groups.ts';
import type { CatalogSearch } from '../catalog-match.ts';
import { cn } from '../parts/class-names.ts';
import { Select } from '../parts/field.tsx';

interface CatalogFiltersProps {
  products: ProductRow[];
  domains: Domain[];
  search: CatalogSearch;
  onChange: (part: CatalogSearch) => void;
}

export function CatalogFilters({ products, domains, search, onChange }: CatalogFiltersProps) {
  const groups = filterGroups({ products, domains, search });
  return (
    <div role="group" aria-label="Filters">
      <div className="mb-4 grid grid-cols-2 gap-2 sm:grid-cols-4 lg:hidden">
        {groups.map((group) => (
          <Select
            key={group.id}
            aria-label={group.title}
            value={group.chosen ?? ''}
            onChange={(event) => onChange(group.choose(event.target.value || undefined))}
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
          <FilterList key={group.id} group={group} onChange={onChange} />
        ))}
      </div>
    </div>
  );
}

interface FilterListProps {
  group: FilterGroup;
  onChange: (part: CatalogSearch) => void;
}

function FilterList({ group, onChange }: FilterListProps) {
  const { chosen } = group;
  const choose = (value: string | undefined) => onChange(group.choose(value));
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
