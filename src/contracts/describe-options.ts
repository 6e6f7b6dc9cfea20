import type { Bound, ColumnPath } from './check.ts';
import { type CheckBody, literal, NONE, printLiteral } from './describe-quality.ts';
import type { ItemProperty } from './odcs-schema.ts';

/** A check that keys of a property ask for. */
export interface PromisedCheck {
  /** Last part of the check's id. */
  key: string;
  /** The key of the property that asks for it. */
  part: string;
  body: CheckBody;
}

/** The checks of `logicalTypeOptions` and of the length in a physical type. */
export function describeOptions(property: ItemProperty, column: ColumnPath): PromisedCheck[] {
  const bodies: [string, CheckBody | null][] = [
    ['length', length(property, column)],
    ['pattern', pattern(property, column)],
    ['format', formatRange(property, column)],
    ['range', range(property, column)],
    ['multipleOf', multipleOf(property, column)],
    ['items', items(property, column)],
  ];
  const found = bodies.flatMap(([key, body]) => (body ? [{ key, part: 'logicalTypeOptions', body }] : []));
  const physical = physicalLength(property, column);
  return physical ? [...found, { key: 'physicalType', part: 'physicalType', body: physical }] : found;
}

function length({ logicalTypeOptions: options }: ItemProperty, column: ColumnPath): CheckBody | null {
  const [minimum, maximum] = [count(options?.minLength), count(options?.maxLength)];
  return minimum === null && maximum === null ? null : textLength(column, minimum, maximum);
}

/** `varchar(20)` is a promise that our tables, whose strings have no length, keep only by a check. */
function physicalLength(
  { physicalType, logicalTypeOptions }: ItemProperty,
  column: ColumnPath,
): CheckBody | null {
  const match = /^\s*(?:n?(?:var)?char2?|character(?: varying)?)\s*\(\s*(\d+)/i.exec(physicalType ?? '');
  if (!match || logicalTypeOptions?.maxLength !== undefined) return null;
  return textLength(column, null, Number(match[1]));
}

function textLength(column: ColumnPath, minimum: number | null, maximum: number | null): CheckBody {
  const title = `${column.join('.')} has ${printRange(minimum, maximum)} characters`;
  return { kind: 'text-length', title, column, minimum, maximum, ...NONE };
}

function pattern({ logicalTypeOptions: options }: ItemProperty, column: ColumnPath): CheckBody | null {
  if (typeof options?.pattern !== 'string') return null;
  const title = `${column.join('.')} matches its pattern`;
  return { kind: 'valid-pattern', title, column, pattern: options.pattern, ...NONE };
}

/** Ranges of `format` that the stored type does not enforce by itself. */
const FORMAT_RANGES: Record<string, [string, string]> = {
  i8: ['-128', '127'],
  i16: ['-32768', '32767'],
  i32: ['-2147483648', '2147483647'],
  u8: ['0', '255'],
  u16: ['0', '65535'],
  u32: ['0', '4294967295'],
  u64: ['0', '18446744073709551615'],
  u128: ['0', '340282366920938463463374607431768211455'],
};

function formatRange(
  { logicalType, logicalTypeOptions: options }: ItemProperty,
  column: ColumnPath,
): CheckBody | null {
  const limits = logicalType === 'integer' ? FORMAT_RANGES[String(options?.format)] : undefined;
  if (!limits) return null;
  const [minimum, maximum] = limits.map((value): Bound => ({
    value: { kind: 'number', value },
    exclusive: false,
  }));
  return valueRange(column, minimum ?? null, maximum ?? null);
}

function range({ logicalTypeOptions: options = {} }: ItemProperty, column: ColumnPath): CheckBody | null {
  const bounds: [string, 'low' | 'high', boolean][] = [
    ['minimum', 'low', false],
    ['exclusiveMinimum', 'low', true],
    ['maximum', 'high', false],
    ['exclusiveMaximum', 'high', true],
  ];
  // A contract may give both forms of one bound; the exclusive one is then the one that counts.
  const found: { low: Bound | null; high: Bound | null } = { low: null, high: null };
  for (const [key, side, exclusive] of bounds) {
    if (options[key] !== undefined) found[side] = { value: literal(options[key]), exclusive };
  }
  return found.low === null && found.high === null ? null : valueRange(column, found.low, found.high);
}

function valueRange(column: ColumnPath, minimum: Bound | null, maximum: Bound | null): CheckBody {
  const parts = [
    minimum && `${minimum.exclusive ? '>' : '≥'} ${printLiteral(minimum.value)}`,
    maximum && `${maximum.exclusive ? '<' : '≤'} ${printLiteral(maximum.value)}`,
  ];
  const title = `${column.join('.')} is ${parts.filter(Boolean).join(' and ')}`;
  return { kind: 'value-range', title, column, minimum, maximum, ...NONE };
}

function multipleOf({ logicalTypeOptions: options }: ItemProperty, column: ColumnPath): CheckBody | null {
  if (options?.multipleOf === undefined) return null;
  const factor = printLiteral(literal(options.multipleOf));
  const title = `${column.join('.')} is a multiple of ${factor}`;
  return { kind: 'multiple-of', title, column, factor, ...NONE };
}

function items({ logicalTypeOptions: options }: ItemProperty, column: ColumnPath): CheckBody | null {
  const [minimum, maximum] = [count(options?.minItems), count(options?.maxItems)];
  const uniqueItems = options?.uniqueItems === true;
  if (minimum === null && maximum === null && !uniqueItems) return null;
  const number = minimum === null && maximum === null ? '' : ` ${printRange(minimum, maximum)}`;
  const title = `${column.join('.')} has${number}${uniqueItems ? ' different' : ''} items`;
  return { kind: 'item-count', title, column, minimum, maximum, uniqueItems, ...NONE };
}

function count(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function printRange(minimum: number | null, maximum: number | null): string {
  if (minimum === null) return `at most ${maximum}`;
  return maximum === null ? `at least ${minimum}` : `${minimum} to ${maximum}`;
}
