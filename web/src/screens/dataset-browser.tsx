import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, VenetianMask } from 'lucide-react';
import { useState } from 'react';
import type { ProductRow } from '../api-types.ts';
import { describeMask } from '../masks.ts';
import { TextInput } from '../parts/field.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { productQuery, productsQuery } from '../queries.ts';
import { quoteName } from '../sql-tokens.ts';

interface DatasetBrowserProps {
  /** Puts text where the cursor is. */
  onInsert: (text: string) => void;
  /** Takes the place of the whole text. */
  onReplace: (text: string) => void;
  recent: string[];
}

interface Readable {
  product: ProductRow;
  dataset: ProductRow['datasets'][number];
}

function readableDatasets(products: ProductRow[], text: string): Readable[] {
  const wanted = text.trim().toLowerCase();
  return products
    .filter(({ access }) => access === 'own' || access === 'active')
    .flatMap((product) => product.datasets.map((dataset) => ({ product, dataset })))
    .filter(({ product, dataset }) => `${dataset.sqlName} ${product.title}`.toLowerCase().includes(wanted))
    .sort((a, b) => a.dataset.sqlName.localeCompare(b.dataset.sqlName));
}

/** What I may read, with columns to press into the SQL; below it what I ran. */
export function DatasetBrowser({ onInsert, onReplace, recent }: DatasetBrowserProps) {
  const products = useQuery(productsQuery);
  const [text, setText] = useState('');
  const all = readableDatasets(products.data?.products ?? [], '');
  const shown = readableDatasets(products.data?.products ?? [], text);
  return (
    <aside aria-label="What I may read" className="mb-5 space-y-5 lg:mb-0">
      <details open={matchMedia('(min-width: 64rem)').matches} className="group/part">
        <PartSummary label="Datasets" count={all.length} />
        {products.isPending && <Loading label="Reading the datasets" />}
        {products.isError && <ErrorNotice error={products.error} retry={() => void products.refetch()} />}
        {all.length > 8 && (
          <TextInput
            type="search"
            aria-label="Filter the datasets"
            placeholder="Filter"
            className="mb-1.5 h-7 text-sm"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        {products.data && all.length === 0 && (
          <p className="px-1 text-sm text-ink-soft">
            Nothing yet.{' '}
            <Link to="/" className="text-accent hover:underline">
              Request access in the catalog
            </Link>
            , and it appears here.
          </p>
        )}
        <ul className="max-h-[60vh] overflow-y-auto">
          {shown.map((readable) => (
            <DatasetItem
              key={`${readable.product.id} ${readable.dataset.name}`}
              {...readable}
              onInsert={onInsert}
            />
          ))}
        </ul>
      </details>
      {recent.length > 0 && <Recent recent={recent} onReplace={onReplace} />}
    </aside>
  );
}

function PartSummary({ label, count }: { label: string; count: number }) {
  return (
    <summary className="mb-1 flex list-none items-center gap-1 rounded-sm text-xs font-medium text-ink-faint hover:text-ink">
      <ChevronRight className="size-3.5 transition-transform group-open/part:rotate-90" aria-hidden="true" />
      {label} <span className="font-normal tabular">{count}</span>
    </summary>
  );
}

function DatasetItem({ product, dataset, onInsert }: Readable & Pick<DatasetBrowserProps, 'onInsert'>) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <div className="flex items-center rounded-md hover:bg-hover">
        <button
          type="button"
          aria-expanded={open}
          aria-label={`Columns of ${dataset.sqlName}`}
          onClick={() => setOpen(!open)}
          className="grid size-7 shrink-0 place-items-center rounded-md text-ink-faint -outline-offset-2"
        >
          <ChevronRight
            className={`size-3.5 transition-transform ${open ? 'rotate-90' : ''}`}
            aria-hidden="true"
          />
        </button>
        <button
          type="button"
          title={`${product.title}: put the name into the SQL`}
          onClick={() => onInsert(dataset.sqlName)}
          className="min-w-0 flex-1 truncate rounded-md py-1 pr-2 text-left font-mono text-xs -outline-offset-2"
        >
          {dataset.sqlName}
        </button>
      </div>
      {open && <Columns product={product} dataset={dataset.name} onInsert={onInsert} />}
    </li>
  );
}

interface ColumnsProps {
  product: ProductRow;
  dataset: string;
  onInsert: (text: string) => void;
}

function Columns({ product: { domain, name }, dataset, onInsert }: ColumnsProps) {
  const product = useQuery(productQuery(domain, name));
  if (product.isPending) return <Loading label="Reading the columns" lines={2} />;
  if (product.isError) return <ErrorNotice error={product.error} retry={() => void product.refetch()} />;
  const columns = product.data.datasets
    .find((found) => found.name === dataset)
    ?.columns.filter(({ access }) => access === 'visible' || access === 'masked');
  return (
    <ul className="mb-1 ml-3.5 border-l border-line pl-2">
      {columns?.map((column) => (
        <li key={column.name}>
          <button
            type="button"
            title={column.description ?? undefined}
            onClick={() => onInsert(quoteName(column.name))}
            className="flex w-full items-center gap-2 rounded-md px-1.5 py-0.5 text-left font-mono text-xs -outline-offset-2 hover:bg-hover"
          >
            <span className="truncate">{column.name}</span>
            {column.access === 'masked' && (
              <span title={describeMask(column.mask)} className="text-warn">
                <VenetianMask className="size-3" aria-hidden="true" />
                <span className="sr-only">masked</span>
              </span>
            )}
            <span className="ml-auto shrink-0 text-ink-faint">{column.type}</span>
          </button>
        </li>
      ))}
      {columns?.length === 0 && (
        <li className="px-1.5 text-xs text-ink-soft">Every column is hidden from you.</li>
      )}
    </ul>
  );
}

function Recent({ recent, onReplace }: Pick<DatasetBrowserProps, 'recent' | 'onReplace'>) {
  return (
    <details className="group/part">
      <PartSummary label="Recent queries" count={recent.length} />
      <ul>
        {recent.map((sql) => (
          <li key={sql}>
            <button
              type="button"
              title={sql}
              onClick={() => onReplace(sql)}
              className="line-clamp-2 w-full rounded-md px-2 py-1 text-left font-mono text-xs break-words text-ink-soft -outline-offset-2 hover:bg-hover hover:text-ink"
            >
              {sql}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
