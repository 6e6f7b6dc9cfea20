import { CircleAlert, CircleCheck, CircleMinus, CircleX } from 'lucide-react';
import type { CheckResult, Dataset, Product } from '../api-types.ts';
import { countOf, formatLevel } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';

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
    ...done
      .map((check) => ({ check, known: true }))
      .sort((a, b) => Number(a.check.passed) - Number(b.check.passed)),
    ...quality
      .filter(({ id }) => !ran.has(id))
      .map((check) => ({ check: { ...check, passed: true, failures: 0 }, known: false })),
  ];
}

function Checks({ dataset }: { dataset: Dataset }) {
  const checks = checksOf(dataset);
  const passed = checks.filter(({ check, known }) => known && check.passed).length;
  return (
    <Section
      title="Checks"
      aside={
        dataset.release && (
          <span className="text-sm text-ink-faint tabular">
            {passed} of {checks.length} passed in release {dataset.release.number},{' '}
            <Ago at={dataset.release.releasedAt} />
          </span>
        )
      }
    >
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

/** What a check came to, as icon, tone and words: never by colour alone. */
function outcomeOf(check: CheckResult, known: boolean) {
  if (!known) return { Icon: CircleMinus, tone: 'text-ink-faint', word: 'not run yet' };
  if (check.passed) return { Icon: CircleCheck, tone: 'text-good', word: 'passed' };
  const word =
    check.failures > 0 || check.measured === undefined || check.measured === null
      ? countOf(check.failures, 'failing row')
      : `measured ${check.measured}`;
  return check.severity === 'warning'
    ? { Icon: CircleAlert, tone: 'text-warn', word }
    : { Icon: CircleX, tone: 'text-bad', word };
}

export function CheckLine({ check, known = true }: { check: CheckResult; known?: boolean }) {
  const { Icon, tone, word } = outcomeOf(check, known);
  return (
    <li className="flex items-start gap-2.5 px-3 py-1.5">
      <Icon className={`mt-[3px] size-4 shrink-0 ${tone}`} aria-hidden="true" />
      <span className="min-w-0 flex-1">
        {check.title}
        {check.title !== check.id && (
          <code className="ml-2 font-mono text-xs break-words text-ink-faint">{check.id}</code>
        )}
      </span>
      {check.severity && check.severity !== 'error' && <Badge>{check.severity}</Badge>}
      <span
        className={`text-sm leading-[1.375rem] whitespace-nowrap tabular ${check.passed ? 'text-ink-faint' : tone}`}
      >
        {word}
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
