import { useMutation, useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { cancelRun, runProduct } from '../api.ts';
import { isOpen, type Product, type Run, type RunCheck } from '../api-types.ts';
import { cache } from '../cache.ts';
import { inOrder, wasRun } from '../checks.ts';
import { countOf, formatDuration, sentence } from '../format.ts';
import { StateBadge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Inline } from '../parts/prose.tsx';
import { RowSample } from '../parts/row-sample.tsx';
import { productSegment } from '../product-address.ts';
import { runsQuery } from '../queries.ts';
import { CheckLine } from './product-quality.tsx';

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
          {run.error && (
            <p className="rounded-md bg-bad-soft px-3 py-2">
              <Inline text={`${sentence(run.error.message)}. ${run.error.fix}`} />{' '}
              <code className="font-mono text-xs text-ink-faint">{run.error.code}</code>
            </p>
          )}
          {run.state === 'blocked' && !run.error && (
            <p className="text-ink-soft">
              Not released: consumers keep the last good release until this is mended.
            </p>
          )}
          <RunFacts run={run} />
          <RunChecks checks={inOrder(run.checks)} />
          <StopRun run={run} />
          <p className="text-xs text-ink-faint">
            {run.trigger} · <span className="font-mono">{run.id}</span>
          </p>
        </div>
      </details>
    </li>
  );
}

const COUNTS = ['inserted', 'updated', 'deleted', 'unchanged'] as const;

/** With what values it ran, and what it did to the rows that were there. */
function RunFacts({ run: { parameters, written } }: { run: Run }) {
  const values = Object.entries(parameters);
  if (values.length === 0 && written?.mode === undefined) return null;
  const counts = COUNTS.filter((name) => (written?.[name] ?? 0) > 0);
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
      {written?.mode !== undefined && (
        <>
          <dt className="text-ink-faint">Written by</dt>
          <dd className="tabular">
            {written.mode}
            {counts.length === 0 ? ', no row changed' : ': '}
            {counts.map((name) => `${countOf(written[name] ?? 0, 'row')} ${name}`).join(', ')}
          </dd>
        </>
      )}
      {values.length > 0 && (
        <>
          <dt className="text-ink-faint">Parameters</dt>
          <dd className="flex flex-wrap gap-x-3 font-mono text-xs">
            {values.map(([name, value]) => (
              <span key={name}>
                {name} = {value ?? 'NULL'}
              </span>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

function RunChecks({ checks }: { checks: RunCheck[] }) {
  if (checks.length === 0) return null;
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {checks.map((check) => (
        <li key={check.id}>
          <ul>
            <CheckLine check={check} />
          </ul>
          {check.sample && check.sample.rows.length > 0 && (
            <div className="px-3 pb-3 pl-9">
              <RowSample
                caption={`Rows that fail: ${check.title}`}
                sample={check.sample}
                total={check.failures}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
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
