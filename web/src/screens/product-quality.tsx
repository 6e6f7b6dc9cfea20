import { CircleAlert, CircleCheck, CircleMinus, CircleX, TriangleAlert } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { CheckResult, Dataset, Product } from '../api-types.ts';
import { hasFailed, inOrder, measuredText, warningsOf, wasRun } from '../checks.ts';
import { countOf, formatDuration, formatLevel, sentence } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Inline } from '../parts/prose.tsx';

/** Charts come when they are looked at. */
const ReleaseHistory = lazy(() =>
  import('./release-history.tsx').then((module) => ({ default: module.ReleaseHistory })),
);

export function ProductQuality({ product }: { product: Product }) {
  if (product.datasets.length === 0) {
    return <Empty title="Nothing to check yet">This product offers no dataset.</Empty>;
  }
  return (
    <div className="space-y-10">
      {product.datasets.map((dataset) => (
        <div key={dataset.id} className="space-y-6">
          {product.datasets.length > 1 && <h2 className="text-lg">{dataset.name}</h2>}
          <Checks dataset={dataset} />
          <Suspense fallback={<Loading label="Reading the history" lines={3} />}>
            <ReleaseHistory product={product} dataset={dataset.name} />
          </Suspense>
          <ServiceLevels dataset={dataset} />
        </div>
      ))}
    </div>
  );
}

/** The result of each check of the last release, failures first; a check added since then has none. */
function checksOf({ release, quality }: Dataset): { check: CheckResult; known: boolean }[] {
  const done = release?.checks ?? [];
  const ran = new Set(done.map(({ id }) => id));
  return [
    ...inOrder(done).map((check) => ({ check, known: true })),
    ...quality
      .filter(({ id }) => !ran.has(id))
      .map((check) => ({ check: { ...check, passed: true, failures: 0 }, known: false })),
  ];
}

function Checks({ dataset }: { dataset: Dataset }) {
  const checks = checksOf(dataset);
  const run = checks.filter(({ check, known }) => known && wasRun(check));
  const passed = run.filter(({ check }) => check.passed).length;
  const totalMs = run.reduce((sum, { check }) => sum + (check.elapsedMs ?? 0), 0);
  return (
    <Section
      title="Checks"
      aside={
        dataset.release && (
          <span className="text-sm text-ink-faint tabular">
            {passed} of {run.length} passed in release {dataset.release.number},{' '}
            <Ago at={dataset.release.releasedAt} />
            {totalMs > 0 && `, in ${formatDuration(totalMs)}`}
          </span>
        )
      }
    >
      <Warned dataset={dataset} />
      {checks.length === 0 ? (
        <p className="text-ink-soft">The contract promises no checks beyond the columns' types.</p>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
          {checks.map(({ check, known }) => (
            <CheckLine key={check.id} check={check} known={known} />
          ))}
        </ul>
      )}
    </Section>
  );
}

/** What the release's mark means, in one sentence. */
function Warned({ dataset: { release } }: { dataset: Dataset }) {
  const warnings = warningsOf(release?.checks ?? []);
  if (warnings.length === 0) return null;
  return (
    <p className="mb-3 flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2">
      <TriangleAlert className="mt-[3px] size-4 shrink-0 text-warn" aria-hidden="true" />
      <span>
        Release {release!.number} has {countOf(warnings.length, 'warning')}: the rows are as its pipeline made
        them, and less than the contract promises.
      </span>
    </p>
  );
}

/** What a check came to, as icon, tone and words: never by colour alone. */
function outcomeOf(check: CheckResult, known: boolean) {
  if (!known) return { Icon: CircleMinus, tone: 'text-ink-faint', word: 'not run yet' };
  if (!wasRun(check)) return { Icon: CircleMinus, tone: 'text-ink-faint', word: 'not run' };
  const measured = measuredText(check);
  if (check.passed) return { Icon: CircleCheck, tone: 'text-good', word: measured ?? 'passed' };
  const word = check.error ? 'could not be worked out' : (measured ?? 'failed');
  return check.severity === 'warning'
    ? { Icon: CircleAlert, tone: 'text-warn', word }
    : { Icon: CircleX, tone: 'text-bad', word };
}

export function CheckLine({ check, known = true }: { check: CheckResult; known?: boolean }) {
  const { Icon, tone, word } = outcomeOf(check, known);
  const failed = known && hasFailed(check);
  return (
    <li className="flex items-start gap-2.5 px-3 py-1.5">
      <Icon className={`mt-[3px] size-4 shrink-0 ${tone}`} aria-hidden="true" />
      <span className="min-w-0 flex-1">
        {check.title}
        {check.title !== check.id && (
          <code className="ml-2 font-mono text-xs break-words text-ink-faint">{check.id}</code>
        )}
        {check.error && (
          <span className={`block text-sm break-words ${failed ? tone : 'text-ink-faint'}`}>
            <Inline text={sentence(check.error)} />
          </span>
        )}
      </span>
      {(failed || !known) && check.severity && check.severity !== 'error' && <Badge>{check.severity}</Badge>}
      <span
        className={`text-sm leading-[1.375rem] whitespace-nowrap tabular ${failed ? tone : 'text-ink-faint'}`}
      >
        {known && check.passed && <span className="sr-only">passed: </span>}
        {word}
      </span>
      <span className="hidden w-14 text-right text-xs leading-[1.375rem] whitespace-nowrap text-ink-faint tabular sm:inline">
        {known && check.elapsedMs ? formatDuration(check.elapsedMs) : ''}
      </span>
    </li>
  );
}

function ServiceLevels({ dataset: { sla } }: { dataset: Dataset }) {
  if (sla.length === 0) return null;
  return (
    <Section title="Service levels">
      <dl className="grid gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-2">
        {sla.map(({ property, value, unit }) => (
          <div
            key={property}
            className="flex justify-between gap-4 bg-surface px-3 py-2 sm:last:odd:col-span-2"
          >
            <dt className="text-ink-soft">{property}</dt>
            <dd className="text-right font-medium tabular">{formatLevel(value, unit ?? '')}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
