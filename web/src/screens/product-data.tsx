import { Link } from '@tanstack/react-router';
import { Filter, SquareTerminal, TriangleAlert } from 'lucide-react';
import { productSegment } from '../product-address.ts';
import type { CheckResult, Dataset, Product } from '../api-types.ts';
import { warningsOf } from '../checks.ts';
import { countOf, formatBytes } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { buttonStyle } from '../parts/button.tsx';
import { CopyableName } from '../parts/copy-button.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty } from '../parts/notice.tsx';
import { Inline } from '../parts/prose.tsx';
import { ColumnTable } from './column-table.tsx';

export function ProductData({ product }: { product: Product }) {
  if (product.datasets.length === 0) {
    return (
      <Empty title="This product offers no dataset yet">
        Its owner adds an output port with a data contract and applies it again.
      </Empty>
    );
  }
  return (
    <div className="space-y-10">
      {product.datasets.map((dataset) => (
        <DatasetBlock key={dataset.id} dataset={dataset} product={product} />
      ))}
    </div>
  );
}

function DatasetBlock({ dataset, product }: { dataset: Dataset; product: Product }) {
  const readable = product.access === 'own' || product.access === 'active';
  const sqlName = dataset.sqlNames[0];
  const address = `/data/v1/${product.domain}/${productSegment(product)}/${dataset.name}`;
  return (
    <section aria-labelledby={dataset.id} className="space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id={dataset.id} className="text-lg">
          {dataset.name}
        </h2>
        {readable && dataset.release && sqlName && (
          <Link
            to="/query"
            search={{ from: sqlName }}
            className={buttonStyle({ look: 'plain', size: 'small' })}
          >
            <SquareTerminal aria-hidden="true" /> Query
          </Link>
        )}
      </div>
      {dataset.description && (
        <p className="max-w-prose text-ink-soft">
          <Inline text={dataset.description} />
        </p>
      )}
      <ReleaseLine dataset={dataset} />
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
        {dataset.sqlNames.map((name) => (
          <CopyableName key={name} kind="SQL" text={name} />
        ))}
        <CopyableName kind="API" text={address} whole={`${location.origin}${address}`} />
      </div>
      {dataset.rowFilter && (
        <p className="flex items-start gap-2 text-sm text-ink-soft">
          <Filter className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden="true" />
          <span>
            You see only the rows where{' '}
            <code className="font-mono text-xs text-ink">{dataset.rowFilter}</code>
          </span>
        </p>
      )}
      <ColumnTable dataset={dataset} />
    </section>
  );
}

function ReleaseLine({ dataset: { release } }: { dataset: Dataset }) {
  if (!release) return <Badge tone="warn">no release yet</Badge>;
  return (
    <p className="text-sm text-ink-soft tabular">
      Release {release.number}, <Ago at={release.releasedAt} /> · {countOf(release.rows, 'row')} ·{' '}
      {formatBytes(release.bytes)}
      <WarningMark checks={release.checks} />
    </p>
  );
}

/** Released all the same, and less than promised: whoever reads the data sees it beside the release. */
function WarningMark({ checks }: { checks: CheckResult[] }) {
  const warnings = warningsOf(checks);
  if (warnings.length === 0) return null;
  return (
    <Link
      from="/products/$domain/$product"
      to="."
      search={(before) => ({ ...before, tab: 'quality' })}
      title={warnings.map(({ title }) => title).join('\n')}
      className="ml-2 inline-flex rounded-sm align-middle"
    >
      <Badge tone="warn">
        <TriangleAlert aria-hidden="true" /> {countOf(warnings.length, 'warning')}
      </Badge>
    </Link>
  );
}
