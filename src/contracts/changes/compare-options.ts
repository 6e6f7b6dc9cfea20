import type { Check } from '../check.ts';
import { describeOptions } from '../describe-options.ts';
import { type CheckBody, literal } from '../describe-quality.ts';
import { canonicalDecimal } from '../exact-number.ts';
import type { ItemProperty } from '../odcs-schema.ts';
import { type ChangeList, type Part, printSubject, same, sameSet } from './change.ts';
import { type Admission, combine, type Range, relateRanges } from './intervals.ts';

/**
 * `logicalTypeOptions`, and the length in a physical type: bounds as what they admit, so that `exclusiveMinimum`
 * compares with `minimum`, and a format's range with one written out.
 */
export function compareOptions(part: Part<ItemProperty>, typeStays: boolean, changes: ChangeList): void {
  compareBounds(part, typeStays, changes);
  comparePattern(part, changes);
  compareFormat(part, changes);
  compareTimezone(part, changes);
  compareKeys(part, 'vector-changed', { keys: VECTOR, changes });
  compareRequiredFields(part, changes);
  const known = new Set([
    ...BOUNDED,
    ...VECTOR,
    'pattern',
    'format',
    'timezone',
    'defaultTimezone',
    'required',
  ]);
  const keys = [...new Set([...Object.keys(options(part.before)), ...Object.keys(options(part.after))])];
  compareKeys(part, 'option-changed', { keys: keys.filter((key) => !known.has(key)), changes });
}

type Options = Record<string, unknown>;

function options({ logicalTypeOptions }: ItemProperty): Options {
  return logicalTypeOptions ?? {};
}

const VECTOR = ['dimensions', 'elementType', 'distanceMetric'];
const BOUNDED = [
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
];

function compareBounds(part: Part<ItemProperty>, typeStays: boolean, changes: ChangeList): void {
  const [was, is] = [boundsOf(part.before, typeStays), boundsOf(part.after, typeStays)];
  const relation = combine([
    ...(['length', 'value', 'items', 'properties'] as const).map((kind) => relateRanges(was[kind], is[kind])),
    relateFactors(was.factor, is.factor),
    relateFlags(was.uniqueItems, is.uniqueItems),
  ]);
  if (relation === 'same') return;
  const how = {
    tightened: 'admits less',
    loosened: 'admits more',
    unclear: 'has bounds that cannot be compared',
  };
  const code = relation === 'tightened' ? 'bounds-tightened' : 'bounds-loosened';
  const key = part.after.logicalTypeOptions === undefined ? ['physicalType'] : ['logicalTypeOptions'];
  const where = key[0]! in part.after || key[0]! in part.before ? key : ['logicalTypeOptions'];
  changes.add(part, code, { message: `${printSubject(part.subject)} ${how[relation]}`, key: where });
}

interface Bounds {
  length: Range;
  value: Range;
  items: Range;
  properties: Range;
  factor: string | null;
  uniqueItems: boolean;
}

/** A format's range is part of the type: where the type changed, that has been said. */
function boundsOf(property: ItemProperty, withFormat: boolean): Bounds {
  const bodies = describeOptions(property, [''])
    .filter(({ key }) => withFormat || key !== 'format')
    .map(({ body }) => body);
  const { minProperties, maxProperties } = options(property);
  const counted = bodies.find((body) => body.kind === 'item-count');
  return {
    length: countRange(bodies.find((body) => body.kind === 'text-length')),
    value: valueRange(bodies),
    items: countRange(counted),
    properties: countRange({ minimum: minProperties ?? null, maximum: maxProperties ?? null }),
    factor: bodies.find((body) => body.kind === 'multiple-of')?.factor ?? null,
    uniqueItems: counted?.uniqueItems ?? false,
  };
}

function countRange(counted: { minimum: unknown; maximum: unknown } | undefined): Range {
  const limit = (value: unknown) =>
    value === null || value === undefined ? null : { value: literal(value), exclusive: false };
  return { low: limit(counted?.minimum), high: limit(counted?.maximum) };
}

/** Several ranges hold together: the tightest limits count. */
function valueRange(bodies: CheckBody[]): Range {
  let range: Range = { low: null, high: null };
  for (const body of bodies) {
    if (body.kind !== 'value-range') continue;
    const { minimum: low, maximum: high } = body as Extract<Check, { kind: 'value-range' }>;
    if (low && relateRanges({ ...range, high: null }, { low, high: null }) === 'tightened')
      range = { ...range, low };
    if (high && relateRanges({ ...range, low: null }, { low: null, high }) === 'tightened')
      range = { ...range, high };
  }
  return range;
}

function relateFactors(before: string | null, after: string | null): Admission {
  if (before === after) return 'same';
  if (before === null || after === null) return before === null ? 'tightened' : 'loosened';
  if (isMultiple(after, before)) return 'tightened';
  return isMultiple(before, after) ? 'loosened' : 'unclear';
}

function isMultiple(of: string, factor: string): boolean {
  const places = Math.max(...[of, factor].map((text) => text.split('.')[1]?.length ?? 0));
  const whole = (text: string) => BigInt(canonicalDecimal(`${text}e${places}`) ?? 0);
  return whole(factor) !== 0n && whole(of) % whole(factor) === 0n;
}

function relateFlags(before: boolean, after: boolean): Admission {
  if (before === after) return 'same';
  return after ? 'tightened' : 'loosened';
}

function comparePattern(part: Part<ItemProperty>, changes: ChangeList): void {
  const [was, is] = [options(part.before)['pattern'], options(part.after)['pattern']];
  if (was === is) return;
  const name = printSubject(part.subject);
  const key = ['logicalTypeOptions', 'pattern'];
  if (was === undefined) changes.add(part, 'pattern-added', { message: `${name} gets a pattern`, key });
  else if (is === undefined)
    changes.add(part, 'pattern-removed', { message: `the pattern of ${name} is gone`, key });
  else changes.add(part, 'pattern-changed', { message: `${name} has another pattern`, key });
}

const NUMERIC = new Set(['integer', 'number']);

/** The formats of numbers are types and ranges, and compared as such. */
function compareFormat(part: Part<ItemProperty>, changes: ChangeList): void {
  const format = (property: ItemProperty) =>
    NUMERIC.has(property.logicalType ?? '') ? undefined : options(property)['format'];
  const [was, is] = [format(part.before), format(part.after)];
  if (was === is) return;
  const message = `the format of ${printSubject(part.subject)} is ${String(is ?? 'gone')} instead of ${String(was ?? 'none')}`;
  const code = was === undefined ? 'format-added' : 'format-changed';
  changes.add(part, code, { message, key: ['logicalTypeOptions', 'format'] });
}

/** ODCS: without `defaultTimezone` times are in UTC. The `timezone` of a timestamp is its type. */
function compareTimezone(part: Part<ItemProperty>, changes: ChangeList): void {
  const zone = (property: ItemProperty) => {
    const { timezone, defaultTimezone } = options(property);
    return [timezone === true && property.logicalType === 'time', defaultTimezone ?? 'Etc/UTC'];
  };
  if (same(zone(part.before), zone(part.after))) return;
  const message = `times of ${printSubject(part.subject)} are read in another time zone`;
  changes.add(part, 'timezone-changed', { message, key: ['logicalTypeOptions'] });
}

/** The option `required` of an object names fields that are always there. */
function compareRequiredFields(part: Part<ItemProperty>, changes: ChangeList): void {
  const listed = (property: ItemProperty) => {
    const names = options(property)['required'];
    return Array.isArray(names) ? names : [];
  };
  const [was, is] = [listed(part.before), listed(part.after)];
  if (sameSet(was, is)) return;
  const lost = was.filter((name) => !is.includes(name));
  const code = lost.length > 0 ? 'required-removed' : 'required-added';
  const message = `${printSubject(part.subject)} promises ${lost.length > 0 ? 'fewer' : 'more'} of its fields`;
  changes.add(part, code, { message, key: ['logicalTypeOptions', 'required'] });
}

function compareKeys(
  part: Part<ItemProperty>,
  code: 'vector-changed' | 'option-changed',
  { keys, changes }: { keys: readonly string[]; changes: ChangeList },
): void {
  const [was, is] = [options(part.before), options(part.after)];
  for (const key of keys) {
    if (same(was[key], is[key])) continue;
    const message = `\`${key}\` of ${printSubject(part.subject)} changes`;
    changes.add(part, code, { message, key: ['logicalTypeOptions', key] });
  }
}
