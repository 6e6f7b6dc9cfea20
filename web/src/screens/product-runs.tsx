import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { cancelRun, runProduct } from '../api.ts';
import type { Product } from '../api-types.ts';
import { isOpen, type Run } from '../run-types.ts';
import { cache } from '../cache.ts';
import { inOrder, wasRun } from '../checks.ts';
import { countOf, formatDuration } from '../format.ts';
import { StateBadge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { productSegment } from '../product-address.ts';
import { runsQuery } from '../queries.ts';
import { RunChecks, RunError, RunFacts } from './run-parts.tsx';

/** What the pipelines of the product did, newest first, for those who answer for it. */
export function ProductRuns({ product }: { product: Product }) {
  const { domain, may } = product;
  const name = productSegment(product);
  const runs = useQuery(runsQuery(domain, name));
  const start = useMutation({
    mutationFn: () => runProduct(domain, name),
    onSuccess: () => cache.invalidateQueries({ queryKey: runsQuery(domain, name).queryKey }),
  });
  const underWay = runs.data?.some(isOpen) ?? false;
  return (
    <Section
      title="Pipeline runs"
      aside={
        may.run && (
          <Button size="small" busy={start.isPending} disabled={underWay} onClick={() => start.mutate()}>
            <Play aria-hidden="true" /> {underWay ? 'Running' : 'Run now'}
          </Button>
        )
      }
    >
      {start.isError && <ErrorNotice error={start.error} />}
      {runs.isPending && <Loading label="Reading the runs" />}
      {runs.isError && <ErrorNotice error={runs.error} retry={() => void runs.refetch()} />}
      {runs.data?.length === 0 && (
        <Empty title="No run yet">
          Run it now: the data is written aside, checked against the contract, and released only if it passes.
        </Empty>
      )}
      <ol className="space-y-2">
        {runs.data?.map((run, index) => (
          <RunItem key={run.id} run={run} open={index === 0} />
        ))}
      </ol>
    </Section>
  );
}

function RunItem({ run, open }: { run: Run; open: boolean }) {
  const done = run.checks.filter(wasRun);
  const passed = done.filter((check) => check.passed).length;
  const ms = run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  return (
    <li>
      <details open={open} className="rounded-lg border border-line bg-surface">
        <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-3 py-2 hover:bg-hover">
          <StateBadge state={run.state} />
          <span className="font-medium">{run.dataset}</span>
          <span className="text-sm text-ink-faint tabular">
            <Ago at={run.startedAt ?? run.queuedAt} />
            {ms !== null && ` · ${formatDuration(ms)}`}
            {run.rows !== null && ` · ${countOf(run.rows, 'row')}`}
          </span>
          <span className="ml-auto text-sm text-ink-faint tabular">
            {done.length > 0 && `${passed} of ${done.length} checks passed`}
          </span>
        </summary>
        <div className="space-y-3 border-t border-line p-3">
          <RunError run={run} />
          {run.state === 'blocked' && !run.error && (
            <p className="text-ink-soft">
              Not released: consumers keep the last good release until this is mended.
            </p>
          )}
          <RunFacts run={run} />
          <RunChecks checks={inOrder(run.checks)} />
          <StopRun run={run} />
          <p className="text-xs text-ink-faint">
            {run.trigger} ·{' '}
            <Link
              to="/runs/$run"
              params={{ run: run.id }}
              className="text-accent underline-offset-2 hover:underline"
            >
              everything about this run
            </Link>
          </p>
        </div>
      </details>
    </li>
  );
}

/** A run under way can be stopped: what it wrote aside is thrown away. */
function StopRun({ run }: { run: Run }) {
  const stop = useMutation({
    mutationFn: () => cancelRun(run.id),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['runs'] }),
  });
  if (!isOpen(run)) return null;
  return (
    <div className="space-y-2">
      <Button size="small" busy={stop.isPending} onClick={() => stop.mutate()}>
        Cancel the run
      </Button>
      {stop.isError && <ErrorNotice error={stop.error} />}
    </div>
  );
}
