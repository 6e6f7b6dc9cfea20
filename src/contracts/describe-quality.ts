import type { Check, ColumnPath, DecimalText, Literal, Threshold, Unit } from './check.ts';
import { decimalText, isDocumentNumber } from './exact-number.ts';
import { type OperatorName, operatorsOf, type QualityRule, qualityType } from './odcs-quality.ts';
import type { ItemProperty } from './odcs-schema.ts';
import { thresholdValues } from './quality-rules.ts';

/** Kind and facts of a check, without what every check carries. */
export type CheckBody = DistributiveOmit<Check, 'id' | 'title' | 'severity' | 'pointer' | 'dimension'> & {
  title: string;
};
type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;

/** What a quality rule is about: a column with its property, or the whole table. */
export interface QualitySubject {
  column: ColumnPath | null;
  property: ItemProperty | null;
  /** Name in titles. */
  name: string;
  /** Column of the table for a property's name. */
  columnOf(propertyName: string): string;
}

export const NONE: { threshold: Threshold; unit: Unit } = {
  threshold: { operator: 'equal', value: { kind: 'number', value: '0' } },
  unit: 'rows',
};

/** The check that a quality rule asks for. */
export function describeQuality(quality: QualityRule, subject: QualitySubject): CheckBody {
  switch (qualityType(quality)) {
    case 'sql':
      return {
        kind: 'sql',
        title: `${subject.name}: the query gives ${printThreshold(thresholdOf(quality))}`,
        query: quality.query ?? '',
        column: subject.column,
        threshold: thresholdOf(quality),
      };
    case 'library':
      return describeMetric(quality, subject);
    case 'custom':
      return notRun(
        `${subject.name}: a rule for ${quality.engine}`,
        `rules for other engines are not run: write it as a library metric or as sql instead of for ${quality.engine}`,
      );
    default:
      return notRun(`${subject.name}: a rule in words`, 'it is written in words, for people');
  }
}

export function notRun(title: string, reason: string): CheckBody {
  return { kind: 'not-run', title, reason };
}

function describeMetric(quality: QualityRule, subject: QualitySubject): CheckBody {
  const threshold = thresholdOf(quality);
  if (quality.metric === 'rowCount') {
    return { kind: 'row-count', title: `${subject.name} has ${printThreshold(threshold)} rows`, threshold };
  }
  const unit: Unit = quality.unit === 'percent' ? 'percent' : 'rows';
  const counted = { threshold, unit };
  const count = `${printThreshold(threshold)}${unit === 'percent' ? ' %' : ''}`;
  if (subject.column === null) return describeDuplicates(quality, subject, { ...counted, count });
  const { column, name } = subject;
  switch (quality.metric) {
    case 'nullValues':
      return { kind: 'not-null', title: `${name}: nulls ${count}`, column, ...counted };
    case 'missingValues':
      return {
        kind: 'missing-values',
        title: `${name}: missing values ${count}`,
        column,
        values: literals(quality.arguments?.missingValues),
        ...counted,
      };
    case 'duplicateValues':
      return {
        kind: 'unique',
        title: `${name}: duplicates ${count}`,
        columns: [column],
        nulls: 'ignored',
        ...counted,
      };
    default:
      return describeInvalidValues(quality, subject, {
        title: `${name}: invalid values ${count}`,
        column,
        ...counted,
      });
  }
}

function describeInvalidValues(
  { arguments: given = {} }: QualityRule,
  { property }: QualitySubject,
  facts: { title: string; column: ColumnPath; threshold: Threshold; unit: Unit },
): CheckBody {
  if (typeof given.pattern === 'string') return { kind: 'valid-pattern', pattern: given.pattern, ...facts };
  const values = given.validValues ?? property?.enum?.map(({ value }) => value);
  return { kind: 'valid-values', values: literals(values), ...facts };
}

/** Without `properties` the whole row is the key. */
function describeDuplicates(
  quality: QualityRule,
  { name, columnOf }: QualitySubject,
  { count, ...counted }: { threshold: Threshold; unit: Unit; count: string },
): CheckBody {
  const listed = quality.arguments?.properties;
  if (!Array.isArray(listed)) {
    return { kind: 'duplicate-rows', title: `${name}: duplicate rows ${count}`, ...counted };
  }
  const columns = listed.map((property) => [columnOf(String(property))]);
  const title = `${name}: duplicates of (${columns.flat().join(', ')}) ${count}`;
  return { kind: 'unique', title, columns, nulls: 'equal', ...counted };
}

const SINGLE = {
  mustBe: 'equal',
  mustNotBe: 'not-equal',
  mustBeGreaterThan: 'greater',
  mustBeGreaterOrEqualTo: 'greater-or-equal',
  mustBeLessThan: 'less',
  mustBeLessOrEqualTo: 'less-or-equal',
} as const;

function thresholdOf(quality: QualityRule): Threshold {
  const operator: OperatorName = operatorsOf(quality)[0] ?? 'mustBe';
  if (operator === 'mustBeBetween' || operator === 'mustNotBeBetween') {
    const [low = '0', high = '0'] = thresholdValues(quality, operator) ?? [];
    return { operator: operator === 'mustBeBetween' ? 'between' : 'not-between', low, high };
  }
  return { operator: SINGLE[operator], value: literal(quality[operator]) };
}

const SIGNS = {
  equal: '=',
  'not-equal': '≠',
  greater: '>',
  'greater-or-equal': '≥',
  less: '<',
  'less-or-equal': '≤',
} as const;

/** A threshold as people read it: `= 0`, `between 100 and 120`. */
export function printThreshold(threshold: Threshold): string {
  if ('low' in threshold) {
    const not = threshold.operator === 'between' ? '' : 'not ';
    return `${not}between ${threshold.low} and ${threshold.high}`;
  }
  return `${SIGNS[threshold.operator]} ${printLiteral(threshold.value)}`;
}

export function printLiteral(value: Literal): string {
  return value.kind === 'null' ? 'null' : String(value.value);
}

/** A value of a contract, also of one that was stored as JSON. */
export function literal(value: unknown): Literal {
  if (value === null || value === undefined) return { kind: 'null' };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (isDocumentNumber(value)) return { kind: 'number', value: decimalText(value) };
  return { kind: 'text', value: String(value) };
}

export function literals(values: unknown): Literal[] {
  return Array.isArray(values) ? values.map(literal) : [];
}
