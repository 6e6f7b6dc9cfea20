import { MeshError } from '../base/errors.ts';
import type { Check, ColumnPath } from './check.ts';
import { describeLevels } from './check-levels.ts';
import { describeObjectReference, describePropertyReference } from './check-references.ts';
import { columnName, storedProperties } from './column-type.ts';
import { describeOptions, type PromisedCheck } from './describe-options.ts';
import { type CheckBody, describeQuality, literals, NONE, notRun } from './describe-quality.ts';
import type { Contract } from './odcs.ts';
import type { QualityRule } from './odcs-quality.ts';
import type { ItemProperty, SchemaObject } from './odcs-schema.ts';
import { jsonPointer, type Path } from './parse-document.ts';

/**
 * Everything a dataset's contract asks of the data, as frozen data in the order of the contract: primary key,
 * required, unique, logical type options, enumerations and quality rules. Nothing that is asked is left out:
 * what cannot be run is there as `not-run` with the reason. Text formats (`format: email`) are notes in
 * ODCS and give no check. A contract that was stored as JSON gives the same checks.
 */
export function describeChecks(contract: Contract): readonly Check[] {
  const [object, ...others] = contract.schema ?? [];
  if (!object || others.length > 0) {
    const problems = [{ message: 'checks need exactly one object in `schema`', pointer: '/schema' }];
    throw new MeshError('contract.invalid', { facts: { file: contract.id }, problems });
  }
  return describeObjectChecks(contract, 0);
}

/** The same for one object of a contract that may have several. */
export function describeObjectChecks(contract: Contract, place: number): readonly Check[] {
  const object = contract.schema?.[place];
  if (!object) return [];
  const list = new CheckList();
  const at: Path = ['schema', place];
  describeKey(object, at, list);
  for (const { property, index } of storedProperties(object.properties)) {
    const path = [...at, 'properties', index];
    describeProperty(property, { column: [columnName(property)], path, reachable: true }, list);
  }
  for (const [index, relationship] of (object.relationships ?? []).entries()) {
    const id = relationship.id ?? `${object.name}.reference`;
    list.add(id, [...at, 'relationships', index], describeObjectReference(object, relationship));
  }
  const subject = { column: null, property: null, name: object.name, columnOf: columnLookup(object) };
  for (const [index, quality] of (object.quality ?? []).entries()) {
    const path = [...at, 'quality', index];
    list.addRule(quality, describeQuality(quality, subject), { path, name: object.name });
  }
  for (const { id, severity, index, body } of describeLevels(contract, object)) {
    list.add(id, ['slaProperties', index], { ...body, severity });
  }
  return Object.freeze(list.checks.map(deepFreeze));
}

interface Place {
  column: ColumnPath;
  path: Path;
  /** False inside lists and maps. */
  reachable: boolean;
}

class CheckList {
  readonly checks: Check[] = [];
  private readonly ids = new Set<string>();

  /** A check of severity error, unless the body says otherwise. */
  add(id: string, path: Path, body: CheckBody & { severity?: Check['severity'] }): void {
    const facts = { id: this.unused(id), pointer: jsonPointer(path), dimension: null };
    this.checks.push({ severity: 'error', ...facts, ...body } as Check);
  }

  addRule(quality: QualityRule, body: CheckBody, { path, name }: { path: Path; name: string }): void {
    const own = quality.id;
    const id =
      own === undefined
        ? `${name}.${quality.metric ?? quality.type ?? body.kind}`
        : this.ids.has(own)
          ? `${name}.${own}`
          : own;
    this.checks.push({
      ...body,
      id: this.unused(id),
      title: quality.name ?? quality.description?.split('\n')[0] ?? body.title,
      severity: severityOf(quality),
      pointer: jsonPointer(path),
      dimension: quality.dimension ?? null,
    } as Check);
  }

  private unused(id: string): string {
    let unused = id;
    for (let number = 2; this.ids.has(unused); number++) unused = `${id}-${number}`;
    this.ids.add(unused);
    return unused;
  }
}

/** ODCS leaves `severity` open; these are the words in use for what should not stop a release. */
const WARNINGS = new Set(['warning', 'warn', 'info', 'information', 'low', 'minor', 'trivial']);

/** Whether a failed rule holds a release back. */
export function severityOf({ severity }: QualityRule): Check['severity'] {
  return severity !== undefined && WARNINGS.has(severity.toLowerCase()) ? 'warning' : 'error';
}

function columnLookup(object: SchemaObject): (name: string) => string {
  const names = new Map((object.properties ?? []).map((property) => [property.name, columnName(property)]));
  return (name) => names.get(name) ?? name;
}

function describeKey(object: SchemaObject, at: Path, list: CheckList): void {
  const keys = storedProperties(object.properties).filter(({ property }) => property.primaryKey === true);
  const [first] = keys;
  if (!first) return;
  const columns = keys.map(({ property }) => [columnName(property)]);
  const title = `(${columns.flat().join(', ')}) is the primary key`;
  const path = [...at, 'properties', first.index, 'primaryKey'];
  list.add('primary-key', path, { kind: 'unique', title, columns, nulls: 'ignored', ...NONE });
}

function describeProperty(property: ItemProperty, place: Place, list: CheckList): void {
  const { column, path } = place;
  const name = column.join('.');
  for (const { key, part, body } of promised(property, column)) {
    list.add(`${name}.${key}`, [...path, part], reached(body, place));
  }
  for (const [index, { id, to }] of (property.relationships ?? []).entries()) {
    const body = describePropertyReference(column, to);
    list.add(id ?? `${name}.reference`, [...path, 'relationships', index], reached(body, place));
  }
  for (const [index, quality] of (property.quality ?? []).entries()) {
    const subject = { column, property, name, columnOf: (other: string) => other };
    const body = describeQuality(quality, subject);
    list.addRule(quality, reached(body, place), { path: [...path, 'quality', index], name });
  }
  describeNested(property, place, list);
}

/** Checks that look at one value at a time also look at each item of a list or map. */
const BY_ITEM = new Set<Check['kind']>([
  'not-null',
  'valid-values',
  'valid-pattern',
  'missing-values',
  'text-length',
  'value-range',
  'multiple-of',
  'item-count',
  'not-run',
]);

function reached(body: CheckBody, { reachable }: Place): CheckBody {
  if (reachable || BY_ITEM.has(body.kind)) return body;
  return notRun(body.title, 'it compares rows, and this value lies inside a list or map');
}

function describeNested(property: ItemProperty, { column, path, reachable }: Place, list: CheckList): void {
  for (const { property: field, index } of storedProperties(property.properties)) {
    const fieldPath = [...path, 'properties', index];
    describeProperty(field, { column: [...column, columnName(field)], path: fieldPath, reachable }, list);
  }
  const inside: [Path, string, ItemProperty | undefined][] = [
    [['items'], '[]', property.items],
    [['map', 'key'], '{key}', property.map?.key],
    [['map', 'value'], '{value}', property.map?.value],
  ];
  for (const [steps, step, child] of inside) {
    const at: Place = { column: [...column, step], path: [...path, ...steps], reachable: false };
    if (child) describeProperty(child, at, list);
  }
}

/** What the keys of a property promise, with the key that does. */
function promised(property: ItemProperty, column: ColumnPath): PromisedCheck[] {
  const name = column.join('.');
  const found: PromisedCheck[] = [];
  if (property.required === true || property.primaryKey === true) {
    const part = property.required === true ? 'required' : 'primaryKey';
    const body: CheckBody = { kind: 'not-null', title: `${name} is never null`, column, ...NONE };
    found.push({ key: 'required', part, body });
  }
  if (property.unique === true) {
    const title = `${name} is unique`;
    const body: CheckBody = { kind: 'unique', title, columns: [column], nulls: 'ignored', ...NONE };
    found.push({ key: 'unique', part: 'unique', body });
  }
  if (property.enum) {
    const values = literals(property.enum.map(({ value }) => value));
    const body: CheckBody = {
      kind: 'valid-values',
      title: `${name} is one of its values`,
      column,
      values,
      ...NONE,
    };
    found.push({ key: 'enum', part: 'enum', body });
  }
  return [...found, ...describeOptions(property, column)];
}

function deepFreeze<Value>(value: Value): Value {
  if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
