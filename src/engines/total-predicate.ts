import { typeName, type DataType } from '../base/data-type.ts';
import { isAggregate } from './allowed-functions.ts';
import type { Relation } from './engine.ts';
import { expressionsOf, isEmpty, queriesOf, type Node } from './syntax-shapes.ts';

/**
 * What a name is wherever it stands in the statement: a type; `computed` for what only aggregates and windows
 * give (no filter on it moves below them); null = not known or not one thing.
 */
export type ColumnKinds = Map<string, DataType | 'computed' | null>;

type Kind = DataType['kind'] | 'computed' | 'text-literal' | 'integer-literal' | 'decimal-literal' | 'null';

interface Typed {
  kind: Kind;
  /** The literal, where it is one. */
  literal?: string;
  type?: DataType;
}

/** Functions that give an answer for every value of these types, in a time that hardly depends on it. */
const TOTAL_FUNCTIONS: Record<string, { of: DataType['kind'][]; gives: DataType['kind'] }> = {
  ...describe(['lower', 'upper', 'lcase', 'ucase', 'trim', 'ltrim', 'rtrim'], ['string'], 'string'),
  ...describe(['length', 'len', 'strlen'], ['string'], 'long'),
  ...describe(['prefix', 'suffix', 'contains', 'starts_with', 'ends_with', '^@'], ['string'], 'boolean'),
  ...describe(['~~', '!~~', '~~*', '!~~*'], ['string'], 'boolean'),
  ...describe(
    ['year', 'month', 'day', 'quarter', 'week', 'isodow', 'dayofweek'],
    ['date', 'timestamp'],
    'long',
  ),
};

function describe(names: string[], of: DataType['kind'][], gives: DataType['kind']) {
  return Object.fromEntries(names.map((name) => [name, { of, gives }]));
}

/** By name over all views; a name that the statement gives to something else loses its type. */
export function columnKinds(relations: Relation[], tree: unknown): ColumnKinds {
  const kinds: ColumnKinds = new Map();
  if (relations.some(({ columns }) => !columns)) return kinds;
  for (const { name, type } of relations.flatMap(({ columns }) => columns ?? [])) {
    const key = name.toLowerCase();
    const known = kinds.get(key);
    const same = known && known !== 'computed' && typeName(known) === typeName(type);
    kinds.set(key, known === undefined || same ? type : null);
  }
  const columns = new Set(kinds.keys());
  for (const [name, computed] of givenNames(tree, columns)) {
    const known = kinds.get(name);
    kinds.set(name, computed && (known === undefined || known === 'computed') ? 'computed' : null);
  }
  return kinds;
}

/** Aliases of expressions, of columns of tables and of pivots, and struct fields, which are columns by their name. */
function givenNames(value: unknown, columns: Set<string>): [name: string, computed: boolean][] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((item) => givenNames(item, columns));
  const node = value as Node;
  const lists = ['column_name_alias', 'aliases', 'unpivot_names'].flatMap(
    (name) => (node[name] as string[]) ?? [],
  );
  const path = pathOf(node);
  if (path.slice(0, -1).some((name) => columns.has(name))) lists.push(path.at(-1)!);
  const own = !isEmpty(node['alias']) && 'class' in node && !isSameName(node, path);
  const given = lists.map((name): [string, boolean] => [name.toLowerCase(), false]);
  if (own) given.push([String(node['alias']).toLowerCase(), isComputed(node)]);
  return [...given, ...Object.values(node).flatMap((item) => givenNames(item, columns))];
}

/** `x AS x` gives no new meaning. */
function isSameName(node: Node, path: string[]): boolean {
  return path.at(-1) === String(node['alias']).toLowerCase();
}

function pathOf(node: Node): string[] {
  return ((node['column_names'] as string[] | undefined) ?? []).map((name) => name.toLowerCase());
}

/**
 * Whether an expression cannot fail on any row and takes next to no time on each: comparisons of columns with
 * constants and columns of their own type, and what can be built of them by AND, OR, NOT, IN, BETWEEN and
 * IS NULL. Anything that DuckDB would have to convert is not total: `v = 5` fails on text that is no number.
 */
export function isTotal(expression: Node, kinds: ColumnKinds): boolean {
  const parts = expressionsOf(expression);
  switch (expression['class']) {
    case 'CONJUNCTION':
      return parts.every((part) => isTotal(part, kinds));
    case 'COMPARISON':
    case 'BETWEEN':
      return comparable(parts, kinds);
    case 'OPERATOR':
      return isTotalOperator(String(expression['type']), parts, kinds);
    default:
      return kindOf(expression, kinds)?.kind === 'boolean';
  }
}

function isTotalOperator(type: string, parts: Node[], kinds: ColumnKinds): boolean {
  switch (type) {
    case 'OPERATOR_NOT':
      return parts.every((part) => isTotal(part, kinds));
    case 'OPERATOR_IS_NULL':
    case 'OPERATOR_IS_NOT_NULL':
      return parts.every((part) => kindOf(part, kinds) !== null);
    case 'COMPARE_IN':
    case 'COMPARE_NOT_IN':
      return comparable(parts, kinds);
    default:
      return false;
  }
}

/** The first is the measure; the others must compare with it without a conversion that can fail. */
function comparable(parts: Node[], kinds: ColumnKinds): boolean {
  const typed = parts.map((part) => kindOf(part, kinds));
  if (typed.some((one) => one === null)) return false;
  if (typed.some((one) => one!.kind === 'computed')) return true;
  const measure = typed.find((one) => one!.literal === undefined && one!.kind !== 'null') ?? null;
  return measure !== null && typed.every((one) => fits(measure, one!));
}

function fits(measure: Typed, other: Typed): boolean {
  if (other === measure) return true;
  switch (other.kind) {
    case 'null':
      return true;
    case 'text-literal':
      return fitsText(measure, other.literal!);
    case 'integer-literal':
      return ['int', 'long', 'float', 'double'].includes(measure.kind) || isNarrowDecimal(measure);
    case 'decimal-literal':
      return ['int', 'float', 'double'].includes(measure.kind) || isNarrowDecimal(measure);
    default:
      return sameFamily(measure, other);
  }
}

function fitsText({ kind }: Typed, text: string): boolean {
  if (kind === 'string') return true;
  if (kind === 'date') return isIsoDate(text);
  return kind === 'timestamp' && (isIsoDate(text) || isIsoTimestamp(text));
}

/** A wider decimal may not fit into 38 digits together with the literal's. */
function isNarrowDecimal({ type }: Typed): boolean {
  return type?.kind === 'decimal' && type.precision <= 18;
}

function sameFamily(left: Typed, right: Typed): boolean {
  if (left.type && right.type) return typeName(left.type) === typeName(right.type);
  const families: Kind[][] = [
    ['int', 'long'],
    ['date', 'timestamp'],
  ];
  return (
    left.kind === right.kind || families.some((one) => one.includes(left.kind) && one.includes(right.kind))
  );
}

/** The type of a total expression; null when it is not total. */
function kindOf(expression: Node, kinds: ColumnKinds): Typed | null {
  switch (expression['class']) {
    case 'COLUMN_REF': {
      const path = pathOf(expression);
      // Behind a column's name comes a struct's field, whose type is not known here.
      if (path.slice(0, -1).some((name) => kinds.has(name))) return null;
      const type = kinds.get(path.at(-1) ?? '');
      if (type === 'computed') return { kind: 'computed' };
      return type ? { kind: type.kind, type } : null;
    }
    case 'CONSTANT':
      return literalKind(expression['value'] as Node);
    case 'CAST':
      return castKind(expression);
    case 'FUNCTION':
      return functionKind(expression, kinds);
    default:
      return isComputed(expression) ? { kind: 'computed' } : null;
  }
}

/** An aggregate or window without a subquery in it. */
function isComputed(expression: Node): boolean {
  const call =
    expression['class'] === 'WINDOW' ||
    (expression['class'] === 'FUNCTION' && isAggregate(String(expression['function_name'])));
  return call && !expressionsOf(expression).some(holdsQuery);
}

function holdsQuery(expression: Node): boolean {
  return queriesOf(expression).length > 0 || expressionsOf(expression).some(holdsQuery);
}

function literalKind(value: Node): Typed | null {
  const id = String((value['type'] as Node)['id']);
  const literal = String(value['value']);
  if (value['is_null'] === true) return { kind: 'null' };
  if (id === 'VARCHAR') return { kind: 'text-literal', literal };
  if (id === 'BOOLEAN') return { kind: 'boolean', literal };
  if (id === 'INTEGER' || id === 'BIGINT') return { kind: 'integer-literal', literal };
  return id === 'DECIMAL' ? { kind: 'decimal-literal', literal } : null;
}

/** DATE '2025-01-01' and its like: a cast of text that is seen to fit. */
function castKind(expression: Node): Typed | null {
  const child = expression['child'] as Node;
  const typed = child['class'] === 'CONSTANT' ? literalKind(child['value'] as Node) : null;
  const target = String((expression['cast_type'] as Node)['id']);
  if (typed?.kind !== 'text-literal' || !['DATE', 'TIMESTAMP'].includes(target)) return null;
  const kind = target === 'DATE' ? 'date' : 'timestamp';
  return fitsText({ kind }, typed.literal!) ? { kind, literal: typed.literal! } : null;
}

function functionKind(expression: Node, kinds: ColumnKinds): Typed | null {
  const name = String(expression['function_name']).toLowerCase();
  const parts = expressionsOf(expression);
  if (isComputed(expression)) return { kind: 'computed' };
  const total = Object.hasOwn(TOTAL_FUNCTIONS, name) ? TOTAL_FUNCTIONS[name] : undefined;
  const typed = parts.map((part) => kindOf(part, kinds));
  const accepts = (one: Typed | null) =>
    one !== null &&
    (total!.of.includes(one.kind as DataType['kind']) ||
      (one.kind === 'text-literal' && total!.of.includes('string')));
  return total && typed.length > 0 && typed.every(accepts) ? { kind: total.gives } : null;
}

function isIsoDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (day === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return Number(year) >= 1000 && date.toISOString().startsWith(text);
}

function isIsoTimestamp(text: string): boolean {
  const [, date, time] = /^(\S{10})[ T](([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?)$/.exec(text) ?? [];
  return date !== undefined && time !== undefined && isIsoDate(date);
}
