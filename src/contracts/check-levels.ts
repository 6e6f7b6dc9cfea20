import type { Check, ColumnPath, Threshold, TimeUnit } from './check.ts';
import { type CheckBody, NONE, notRun } from './describe-quality.ts';
import { type Duration, printDuration } from './duration.ts';
import { canonicalDecimal } from './exact-number.ts';
import { customValue } from './model-elements.ts';
import type { Contract } from './odcs.ts';
import type { SchemaObject } from './odcs-schema.ts';
import { describeServiceLevels, type ServiceLevel } from './sla-properties.ts';

export interface LevelCheck {
  id: string;
  /** Place in `slaProperties`. */
  index: number;
  severity: Check['severity'];
  body: CheckBody;
}

const MEASURED = ['latency', 'freshness', 'retention', 'frequency', 'completeness'] as const;
type Measured = (typeof MEASURED)[number];

/**
 * The service levels of a contract that data can prove, for one of its objects. They are warnings: to hold
 * newer rows back because the last ones were late would make them later. A custom property
 * `severity: error` makes one block.
 */
export function describeLevels(contract: Contract, object: SchemaObject): LevelCheck[] {
  const levels = describeServiceLevels({ ...contract, schema: [object] });
  return levels.flatMap((level, index) => {
    const entry = contract.slaProperties![index]!;
    if (level.property === null || !isMeasured(level.property)) return [];
    if (!isAbout(object, contract, entry.element ?? contract.slaDefaultElement)) return [];
    const severity = customValue(entry.customProperties, 'severity') === 'error' ? 'error' : 'warning';
    const columns = level.columns.length === 0 ? [null] : level.columns.map(({ name }) => [name]);
    const property: Measured = level.property;
    return columns.map((column) => ({
      id: entry.id ?? entry.property,
      index,
      severity,
      body: describeLevel(level, property, column),
    }));
  });
}

function isMeasured(property: string): property is Measured {
  return (MEASURED as readonly string[]).includes(property);
}

/** ODCS "Object.Element": an element that begins with another object's name is that object's. */
function isAbout(object: SchemaObject, { schema = [] }: Contract, element: string | undefined): boolean {
  if (element === undefined) return true;
  const own = new Set((object.properties ?? []).map(({ name }) => name));
  const first = element.split(/[.,]/)[0]!.trim();
  if (own.has(first) || [object.name, object.physicalName].includes(first)) return true;
  const others = schema.filter((other) => other !== object);
  const elsewhere = others.some(
    (other) =>
      [other.name, other.physicalName].includes(first) ||
      (other.properties ?? []).some(({ name }) => name === first),
  );
  // What belongs to nobody is said once.
  return !elsewhere && schema[0] === object;
}

function describeLevel(level: ServiceLevel, property: Measured, column: ColumnPath | null): CheckBody {
  const { name, value, fault } = level;
  if (fault !== null || value === null) return notRun(`service level ${name}`, fault ?? 'it has no value');
  if (value.kind === 'percent') return completeness(name, value.percent, column);
  if (value.kind === 'moment') return notRun(`service level ${name}`, 'it is a date');
  const limit = value.duration;
  const of = column === null ? 'the release' : column.join('.');
  const length = printDuration(limit);
  switch (property) {
    case 'frequency':
      return { kind: 'frequency', title: `${of} comes every ${length}`, column, limit, ...within(limit) };
    case 'retention':
      if (column === null)
        return notRun(`no row is older than ${length}`, 'it needs an `element`, a column with a time');
      return { kind: 'retention', title: `no ${of} is older than ${length}`, column, limit, ...NONE };
    default: {
      const title =
        column === null ? `${of} is at most ${length} old` : `the newest ${of} is at most ${length} old`;
      return { kind: 'freshness', title, column, limit, ...within(limit) };
    }
  }
}

function completeness(name: string, percent: string, column: ColumnPath | null): CheckBody {
  if (column === null) {
    return notRun(
      `service level ${name}: ${percent} %`,
      'it needs an `element`, the column that is to be filled',
    );
  }
  return {
    kind: 'completeness',
    title: `${column.join('.')} is filled in ${percent} % of the rows`,
    column,
    threshold: { operator: 'greater-or-equal', value: { kind: 'number', value: percent } },
  };
}

const SIZES: [ms: number, unit: TimeUnit][] = [
  [7 * 86_400_000, 'week'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

/** At most the limit, counted in the unit that people would say it in. */
function within({ months, ms }: Duration): { unit: TimeUnit; threshold: Threshold } {
  const size = SIZES.find(([size]) => ms >= size && ms % size === 0);
  const [count, unit]: [number, TimeUnit] =
    months > 0
      ? months % 12 === 0
        ? [months / 12, 'year']
        : [months, 'month']
      : size === undefined
        ? [ms / 1000, 'second']
        : [ms / size[0], size[1]];
  const value = canonicalDecimal(String(count)) ?? String(count);
  return { unit, threshold: { operator: 'less-or-equal', value: { kind: 'number', value } } };
}
