import { type Column, type DataType, duckdbType, sameType, typeName } from '../base/data-type.ts';
import type { Problem } from '../base/errors.ts';
import type { ColumnPromise, ContractTable } from './contract-table.ts';
import type { Finding } from './finding.ts';
import type { Path } from './parse-document.ts';
import { jsonPointer } from './parse-document.ts';
import { placeFindings, type ReadDocument } from './read-document.ts';
import { suggest } from './suggest.ts';

export interface ConformanceOptions {
  /**
   * `declared`: a required column must be declared so in the table (an Iceberg schema). `checked`: the table
   * cannot declare it (a query's result, a file) and the contract's not-null checks prove it instead.
   */
  nullability: 'declared' | 'checked';
  /** Gives the problems their places. */
  document?: Pick<ReadDocument<unknown>, 'place'>;
}

/**
 * Everything in which a real table differs from its contract: missing and extra columns, types, fields of
 * structs, required. No difference of types passes: a narrower type overflows tomorrow, a wider one breaks a
 * consumer's code today. The order of columns is free, their names are exact.
 */
export function conformTable(
  table: ContractTable,
  actual: readonly Column[],
  { nullability, document }: ConformanceOptions,
): Problem[] {
  const promised = table.columns.map((column, index) => ({ column, path: table.promises[index]!.path }));
  const findings = [
    ...promised.flatMap(({ column, path }) =>
      columnFindings(column, actual, { path, nullability, parents: [] }),
    ),
    ...extraFindings(table.columns, actual, { path: parentOf(table.promises), parents: [] }),
  ];
  return document
    ? placeFindings(document, findings)
    : findings.map(({ path, message }) => ({ message, pointer: jsonPointer(path) }));
}

interface Position {
  path: Path;
  /** Names of the struct columns around. */
  parents: string[];
}

interface Comparison extends Position {
  nullability: ConformanceOptions['nullability'];
}

function parentOf(promises: ColumnPromise[]): Path {
  return promises[0]?.path.slice(0, -1) ?? ['schema', 0];
}

function columnFindings(promised: Column, actual: readonly Column[], at: Comparison): Finding[] {
  const found = actual.find(({ name }) => name === promised.name);
  if (!found) return [{ path: at.path, message: missing(promised, actual, at) }];
  const findings = typeFindings(promised, found, at);
  if (at.nullability === 'declared' && promised.required && !found.required) {
    const message = `${fullName(promised, at)} is required by the contract and may be null in the table`;
    findings.push({ path: at.path, message });
  }
  return findings;
}

function missing(promised: Column, actual: readonly Column[], at: Position): string {
  const name = fullName(promised, at);
  const names = actual.map((column) => column.name);
  const otherCase = names.find((other) => other.toLowerCase() === promised.name.toLowerCase());
  if (otherCase !== undefined) return `${name} is written ${otherCase} in the table: names are exact`;
  const meant = suggest(promised.name, names);
  const hint = meant === null ? '' : ` (it has ${meant}: rename one of them)`;
  return `${name} ${typeName(promised.type)} is promised and missing in the table${hint}`;
}

function extraFindings(promised: readonly Column[], actual: readonly Column[], at: Position): Finding[] {
  const names = new Set(promised.map(({ name }) => name.toLowerCase()));
  return actual
    .filter(({ name }) => !names.has(name.toLowerCase()))
    .map((column) => ({
      path: at.path,
      message: `${fullName(column, at)} ${typeName(column.type)} is in the table and not in the contract: add it there or leave it out`,
    }));
}

function typeFindings(promised: Column, found: Column, at: Comparison): Finding[] {
  const inside = { ...at, parents: [...at.parents, promised.name] };
  const [left, right] = [promised.type, found.type];
  if (left.kind === 'struct' && right.kind === 'struct') {
    return [
      ...left.fields.flatMap((field) => columnFindings(field, right.fields, inside)),
      ...extraFindings(left.fields, right.fields, inside),
    ];
  }
  if (left.kind === 'list' && right.kind === 'list') {
    const element = (type: DataType, required: boolean): Column => ({ name: 'element', type, required });
    return columnFindings(
      element(left.element, left.elementRequired),
      [element(right.element, right.elementRequired)],
      inside,
    );
  }
  if (left.kind === 'map' && right.kind === 'map') return mapFindings(left, right, inside);
  if (sameType(left, right)) return [];
  const message = `${fullName(promised, at)} is ${typeName(right)} in the table and ${typeName(left)} in the contract: cast it to ${duckdbType(left)} or change the contract`;
  return [{ path: at.path, message }];
}

type MapType = Extract<DataType, { kind: 'map' }>;

function mapFindings(promised: MapType, found: MapType, at: Comparison): Finding[] {
  const parts = ({ key, value, valueRequired }: MapType): Column[] => [
    { name: 'key', type: key, required: true },
    { name: 'value', type: value, required: valueRequired },
  ];
  return parts(promised).flatMap((part) => columnFindings(part, parts(found), at));
}

function fullName({ name }: Column, { parents }: Position): string {
  return `\`${[...parents, name].join('.')}\``;
}
