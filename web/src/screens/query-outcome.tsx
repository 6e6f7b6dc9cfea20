import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { ApiError } from '../api.ts';
import type { QueryResult } from '../api-types.ts';
import { countOf, formatDuration } from '../format.ts';
import { Button, buttonStyle } from '../parts/button.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { ResultGrid } from '../parts/result-grid.tsx';
import type { FileFormat, useQueryRun } from './use-query-run.ts';

interface QueryOutcomeProps {
  query: ReturnType<typeof useQueryRun>;
  /** Moves the cursor to where the error is; absent when the text has changed since. */
  goToPlace: (() => void) | undefined;
}

export function QueryOutcome({ query, goToPlace }: QueryOutcomeProps) {
  switch (query.state) {
    case 'idle':
      return (
        <Empty title="The answer appears here">
          Write a SELECT in the DuckDB dialect over the datasets on this page, or pick one and begin with its
          first rows. You get only the rows and columns your domains were granted.
        </Empty>
      );
    case 'cancelled':
      return (
        <Empty title="Cancelled">It reads nothing more on the server. Run it again when you like.</Empty>
      );
    case 'running':
      return <Loading label="Running the query" lines={5} />;
    case 'refused':
      return <Refusal error={query.error} goToPlace={goToPlace} />;
    case 'done':
      return <Result result={query.result} download={query.download} />;
  }
}

/** The product a refusal is about, when it is one the caller may discover: there access is requested. */
function productIn(error: unknown): { domain: string; product: string } | null {
  const named = error instanceof ApiError ? error.facts.product : undefined;
  const [domain, product, more] = typeof named === 'string' ? named.split('.') : [];
  return domain && product && more === undefined ? { domain, product } : null;
}

function Refusal({ error, goToPlace }: { error: unknown; goToPlace: QueryOutcomeProps['goToPlace'] }) {
  const product = productIn(error);
  const isUnknown = error instanceof ApiError && error.code === 'query.unknown-table';
  return (
    <ErrorNotice error={error}>
      <div className="flex flex-wrap gap-2 py-1 empty:hidden">
        {goToPlace && (
          <Button size="small" onClick={goToPlace}>
            Go to the place
          </Button>
        )}
        {product && (
          <Link to="/products/$domain/$product" params={product} className={buttonStyle({ size: 'small' })}>
            Open {product.domain}.{product.product}
          </Link>
        )}
        {isUnknown && (
          <Link to="/" className={buttonStyle({ size: 'small' })}>
            Search the catalog
          </Link>
        )}
      </div>
    </ErrorNotice>
  );
}

interface ResultProps {
  result: QueryResult;
  download: (format: FileFormat) => Promise<void>;
}

function Result({ result, download }: ResultProps) {
  const save = useMutation({ mutationFn: download });
  return (
    <section aria-label="Result" className="space-y-3">
      {save.isError && <ErrorNotice error={save.error} />}
      <div className="overflow-hidden rounded-lg border border-line">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line bg-surface py-1.5 pr-2 pl-3 text-sm">
          <p role="status" className="text-ink-soft tabular">
            <span className="font-medium text-ink">{countOf(result.rowCount, 'row')}</span>
            {result.truncated && (
              <span className="text-warn"> (cut here; download for all of them)</span>
            )} · {countOf(result.columns.length, 'column')} · {formatDuration(result.elapsedMs)}
          </p>
          <div className="flex gap-1">
            {(['csv', 'parquet'] as const).map((format) => (
              <Button
                key={format}
                size="small"
                look="quiet"
                busy={save.isPending && save.variables === format}
                disabled={save.isPending}
                aria-label={`Download as ${format === 'csv' ? 'CSV' : 'Parquet'}`}
                onClick={() => save.mutate(format)}
              >
                <Download aria-hidden="true" /> {format === 'csv' ? 'CSV' : 'Parquet'}
              </Button>
            ))}
          </div>
        </div>
        {result.rows.length === 0 ? (
          <p className="bg-surface px-4 py-10 text-center text-ink-soft">
            No row fits. Loosen the WHERE, and remember that your grant may hold a row filter of its own.
          </p>
        ) : (
          <ResultGrid key={result.id} columns={result.columns} rows={result.rows} />
        )}
      </div>
    </section>
  );
}
