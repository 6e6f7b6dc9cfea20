import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
  type ReactTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { cn } from './class-names.ts';

export interface TableColumn<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** What the column sorts by; without it the column does not sort. */
  sort?: (row: Row) => string | number;
  align?: 'right';
  className?: string;
}

interface DataTableProps<Row> {
  /** Read out by screen readers before the table. */
  caption: string;
  columns: TableColumn<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** On a narrow screen each row becomes a block with the headers beside its values, instead of scrolling sideways. */
  stacks?: boolean;
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

type AnyTable<Row extends object> = ReactTable<typeof features, Row>;
type HeaderOf<Row extends object> = ReturnType<AnyTable<Row>['getHeaderGroups']>[number]['headers'][number];

const STACKED =
  'max-sm:flex max-sm:w-full max-sm:min-w-0 max-sm:gap-3 max-sm:py-1 max-sm:text-left max-sm:has-[>div:empty]:hidden max-sm:before:w-24 max-sm:before:shrink-0 max-sm:before:text-ink-faint max-sm:before:content-[attr(data-header)]';

/** A plain table with sortable headers that scrolls sideways by itself where the screen is narrow. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, stacks = false } = props;
  const definitions = useMemo(() => columns.map(definitionOf), [columns]);
  const table = useTable({ features, columns: definitions, data: rows, getRowId: rowKey });
  const look = new Map(columns.map((column) => [column.id, column]));
  const isRight = (id: string) => look.get(id)?.align === 'right';
  return (
    <div
      role="region"
      aria-label={caption}
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line bg-surface"
    >
      {/* The roles say what a block layout would otherwise take from the table. */}
      <table
        role="table"
        className={cn('w-full border-collapse text-left text-sm', stacks && 'max-sm:block')}
      >
        <caption className="sr-only">{caption}</caption>
        <thead role="rowgroup" className={cn(stacks && 'max-sm:sr-only')}>
          <tr role="row" className="border-b border-line">
            {table.getHeaderGroups()[0]?.headers.map((header) => (
              <HeaderCell key={header.id} header={header} right={isRight(header.column.id)} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className={cn(stacks && 'max-sm:block')}>
          {table.getRowModel().rows.map((row) => (
            <tr
              key={row.id}
              role="row"
              className={cn(
                'border-b border-line last:border-0 hover:bg-hover',
                stacks && 'max-sm:block max-sm:py-1.5',
              )}
            >
              {row.getAllCells().map(({ id, column }) => (
                <td
                  key={id}
                  role="cell"
                  data-header={look.get(column.id)?.header}
                  className={cn(
                    'px-3 py-2 align-top',
                    isRight(column.id) && 'text-right tabular',
                    look.get(column.id)?.className,
                    stacks && STACKED,
                  )}
                >
                  <div className="min-w-0">{look.get(column.id)?.cell(row.original)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function definitionOf<Row extends object>(column: TableColumn<Row>) {
  return createColumnHelper<typeof features, Row>().accessor((row): unknown => column.sort?.(row) ?? '', {
    id: column.id,
    header: column.header,
    enableSorting: column.sort !== undefined,
    sortFn: 'alphanumeric',
  });
}

function HeaderCell<Row extends object>({ header, right }: { header: HeaderOf<Row>; right: boolean }) {
  const sorted = header.column.getIsSorted();
  const label = String(header.column.columnDef.header);
  const Arrow = sorted === 'desc' ? ArrowDown : ArrowUp;
  return (
    <th
      role="columnheader"
      scope="col"
      aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
      className={cn('h-8 px-3 text-xs font-medium whitespace-nowrap text-ink-faint', right && 'text-right')}
    >
      {header.column.getCanSort() ? (
        <button
          type="button"
          onClick={header.column.getToggleSortingHandler()}
          className="group inline-flex items-center gap-1 rounded-sm hover:text-ink"
        >
          {label}
          <Arrow
            aria-hidden="true"
            className={cn('size-3', sorted ? 'text-accent' : 'opacity-0 group-hover:opacity-60')}
          />
        </button>
      ) : label === '' ? (
        <span className="sr-only">Actions</span>
      ) : (
        label
      )}
    </th>
  );
}
