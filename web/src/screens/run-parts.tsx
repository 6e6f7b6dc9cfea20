import type { Run, RunCheck } from '../run-types.ts';
import { countOf, sentence } from '../format.ts';
import { Inline } from '../parts/prose.tsx';
import { RowSample } from '../parts/row-sample.tsx';
import { CheckLine } from './product-quality.tsx';

/** Why it did not release, and what to do. */
export function RunError({ run }: { run: Run }) {
  if (!run.error) return null;
  return (
    <p className="rounded-md bg-bad-soft px-3 py-2">
      <Inline text={`${sentence(run.error.message)}. ${run.error.fix}`} />{' '}
      <code className="font-mono text-xs text-ink-faint">{run.error.code}</code>
    </p>
  );
}

const COUNTS = ['inserted', 'updated', 'deleted', 'unchanged'] as const;

/** With what values it ran, and what it did to the rows that were there. */
export function RunFacts({ run: { parameters, written } }: { run: Run }) {
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

export function RunChecks({ checks }: { checks: RunCheck[] }) {
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
