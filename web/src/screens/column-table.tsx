import { EyeOff, KeyRound, Lock, VenetianMask } from 'lucide-react';
import type { Dataset, DatasetColumn, EffectiveTag } from '../api-types.ts';
import { Badge, TagBadge, type Tone } from '../parts/badge.tsx';
import { cn } from '../parts/class-names.ts';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { Inline } from '../parts/prose.tsx';
import { describeMask } from '../masks.ts';

const columns: TableColumn<DatasetColumn>[] = [
  {
    id: 'name',
    header: 'Column',
    sort: (column) => column.name,
    className: 'whitespace-nowrap',
    cell: (column) => (
      <span className="flex items-center gap-1.5">
        <code className={cn('font-mono', isKept(column) && 'text-ink-faint')}>{column.name}</code>
        {column.primaryKey && (
          <span title="Primary key">
            <KeyRound className="size-3.5 text-accent" aria-hidden="true" />
            <span className="sr-only">primary key</span>
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    sort: (column) => column.type,
    className: 'whitespace-nowrap font-mono text-xs text-ink-faint leading-5',
    cell: (column) => (
      <>
        {column.type}
        {column.required && <span className="ml-2 font-sans">required</span>}
        {column.unique && !column.primaryKey && <span className="ml-2 font-sans">unique</span>}
      </>
    ),
  },
  {
    id: 'description',
    header: 'Meaning',
    className: 'min-w-44 text-ink-soft',
    cell: (column) => <Meaning column={column} />,
  },
  {
    id: 'classification',
    header: 'Classification',
    sort: (column) => column.classification ?? '',
    cell: (column) => <Labels column={column} />,
  },
  {
    id: 'access',
    header: 'For you',
    sort: (column) => column.access,
    cell: (column) => <ColumnAccessMark column={column} />,
  },
];

const isKept = ({ access }: DatasetColumn) => access === 'hidden' || access === 'not-granted';

/** The columns of the contract, and what of each the reader gets. */
export function ColumnTable({ dataset }: { dataset: Dataset }) {
  const labelled = dataset.columns.some(
    ({ classification, personal, tags }) => classification !== null || personal || tags.length > 0,
  );
  return (
    <>
      <InheritedTags tags={dataset.effectiveTags} />
      <DataTable
        caption={`Columns of ${dataset.name}`}
        columns={labelled ? columns : columns.filter(({ id }) => id !== 'classification')}
        rows={dataset.columns}
        rowKey={(column) => column.name}
      />
    </>
  );
}

/** Said once: they hold for every column that does not say otherwise itself. */
function InheritedTags({ tags }: { tags: EffectiveTag[] }) {
  if (tags.length === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-faint">
      <span>Unless a column says otherwise:</span>
      {tags.map((tag) => (
        <span key={tag.key} className="flex items-center gap-1">
          <TagBadge tag={textOf(tag)} /> from the {tag.from}
        </span>
      ))}
    </p>
  );
}

const textOf = ({ key, value }: EffectiveTag) => (value === 'true' ? key : `${key}:${value}`);

function Meaning({ column }: { column: DatasetColumn }) {
  return (
    <>
      {column.businessName && <span className="text-ink">{column.businessName}. </span>}
      {column.description && <Inline text={column.description} />}
    </>
  );
}

const CLASSIFIED: Record<string, Tone> = { public: 'outline', internal: 'neutral' };

/** The classification is a tag too; it is shown once. */
const isNews = (column: DatasetColumn) => (tag: string) => tag !== `classification:${column.classification}`;

function Labels({ column }: { column: DatasetColumn }) {
  return (
    <span className="flex flex-wrap gap-1">
      {column.classification && (
        <Badge tone={CLASSIFIED[column.classification] ?? 'warn'}>{column.classification}</Badge>
      )}
      {column.personal && column.classification === null && <Badge tone="warn">personal</Badge>}
      {column.tags.filter(isNews(column)).map((tag) => (
        <TagBadge key={tag} tag={tag} />
      ))}
    </span>
  );
}

function ColumnAccessMark({ column }: { column: DatasetColumn }) {
  switch (column.access) {
    case 'visible':
      return <span className="text-ink-faint">visible</span>;
    case 'masked':
      return (
        <Badge tone="warn" title={describeMask(column.mask)}>
          <VenetianMask aria-hidden="true" /> {describeMask(column.mask)}
        </Badge>
      );
    case 'hidden':
      return (
        <Badge tone="outline">
          <EyeOff aria-hidden="true" /> hidden
        </Badge>
      );
    case 'not-granted':
      return (
        <Badge tone="outline">
          <Lock aria-hidden="true" /> needs access
        </Badge>
      );
  }
}
