import { sameType, typeName } from '../../base/data-type.ts';
import { columnName, storedType } from '../column-type.ts';
import type { ItemProperty, SchemaProperty } from '../odcs-schema.ts';
import { type ChangeList, type Part, printColumn, printSubject, same } from './change.ts';
import { compareAnnotations, compareWords } from './compare-annotations.ts';
import { compareOptions } from './compare-options.ts';
import { compareRelationships } from './compare-relationships.ts';
import { compareQuality } from './compare-quality.ts';
import { compareValues } from './compare-values.ts';
import { pairColumns, type Pairing, partOf } from './pair-elements.ts';
import { relateTypes } from './type-order.ts';

interface Holder {
  properties?: SchemaProperty[];
}

/** Columns of a table, or fields of a struct. */
export function compareColumns(holder: Part<Holder>, changes: ChangeList): Pairing<SchemaProperty> {
  const pairing = pairColumns(holder.before.properties, holder.after.properties);
  const indexes = {
    before: (property: SchemaProperty) => holder.before.properties!.indexOf(property),
    after: (property: SchemaProperty) => holder.after.properties!.indexOf(property),
  };
  for (const { item } of pairing.removed) {
    const column = [...holder.subject.column, columnName(item)];
    const message = `column \`${printColumn(column)}\` is removed`;
    const key = ['properties', indexes.before(item)];
    changes.add(holder, 'column-removed', { message, key, gone: true, columns: [column] });
  }
  for (const { item } of pairing.added) {
    const name = printColumn([...holder.subject.column, columnName(item)]);
    const facts = { message: `column \`${name}\` is added`, key: ['properties', indexes.after(item)] };
    changes.add(holder, 'column-added', { ...facts, columns: [] });
  }
  for (const pair of pairing.pairs) {
    const [left, right] = [pair.before.item, pair.after.item];
    const part = partOf(holder, 'properties', {
      before: { item: left, index: indexes.before(left) },
      after: { item: right, index: indexes.after(right) },
    });
    part.subject = { ...holder.subject, column: [...holder.subject.column, columnName(left)] };
    compareNames(part, changes);
    compareProperty(part, changes);
  }
  compareOrder(holder, pairing, changes);
  return pairing;
}

function compareNames(part: Part<SchemaProperty>, changes: ChangeList): void {
  const { before, after, subject } = part;
  const [was, is] = [columnName(before), columnName(after)];
  if (was !== is) {
    const key = [after.physicalName === undefined ? 'name' : 'physicalName'];
    const message = `${printSubject(subject)} is renamed to \`${is}\``;
    changes.add(part, 'column-renamed', { message, key });
  } else if (before.name !== after.name) {
    const message = `${printSubject(subject)} is labelled \`${after.name}\` instead of \`${before.name}\` and keeps its name in the table`;
    changes.add(part, 'column-relabelled', { message, key: ['name'] });
  }
  compareIds(part, changes);
}

/** Ids are what references of other contracts name (ODCS 3.1 "StableId"). */
export function compareIds(part: Part<{ id?: string }>, changes: ChangeList): void {
  const { before, after, subject } = part;
  if (before.id === after.id) return;
  const code = before.id === undefined ? 'id-added' : 'id-changed';
  const how =
    before.id === undefined ? 'gets an id' : `changes its id from ${before.id} to ${after.id ?? 'none'}`;
  changes.add(part, code, { message: `${printSubject(subject)} ${how}`, key: ['id'] });
}

function compareOrder(holder: Part<Holder>, { pairs }: Pairing<SchemaProperty>, changes: ChangeList): void {
  const moved = pairs.some(({ before }, index) => index > 0 && before.index < pairs[index - 1]!.before.index);
  if (!moved) return;
  const message = `the columns of ${printSubject(holder.subject)} stand in another order`;
  changes.add(holder, 'columns-reordered', { message, key: ['properties'] });
}

/** A column, a struct field, or what a list or map holds. */
export function compareProperty(part: Part<ItemProperty>, changes: ChangeList): void {
  const typeStays = compareShape(part, changes);
  compareValues(part, changes);
  compareOptions(part, typeStays, changes);
  compareQuality(part, changes);
  compareRelationships(part, changes);
  compareAnnotations(part, changes);
}

type Form = 'struct' | 'list' | 'map' | 'plain';

/** An object that says nowhere what it holds is a struct of nothing: fields can only come. */
function formOf(property: ItemProperty): Form {
  if (property.map) return 'map';
  if (property.items) return 'list';
  if (property.properties && property.properties.length > 0) return 'struct';
  return property.logicalType === 'object' && storedType(property) === null ? 'struct' : 'plain';
}

/** Compares what the column is; false when its type changed. */
function compareShape(part: Part<ItemProperty>, changes: ChangeList): boolean {
  const { before, after } = part;
  const [was, is] = [formOf(before), formOf(after)];
  if (was !== is) {
    const types = [storedType(before), storedType(after)];
    if (types[0] && types[1] && sameType(types[0], types[1])) return restated(part, changes);
    return addTypeChange(part, { was: describe(before, was), is: describe(after, is) }, changes);
  }
  switch (was) {
    case 'struct':
      compareColumns(part, changes);
      return restated(part, changes);
    case 'list':
      compareInner(part, ['items'], changes);
      return restated(part, changes);
    case 'map':
      compareInner(part, ['map', 'key'], changes);
      compareInner(part, ['map', 'value'], changes);
      return restated(part, changes);
    default:
      return comparePlainTypes(part, changes);
  }
}

function describe(property: ItemProperty, form: Form): string {
  if (form !== 'plain') return form;
  const type = storedType(property);
  return type ? typeName(type) : (property.physicalType ?? property.logicalType ?? 'of no type');
}

function addTypeChange(
  part: Part<ItemProperty>,
  { was, is }: { was: string; is: string },
  changes: ChangeList,
): false {
  const message = `${printSubject(part.subject)} was ${was} and is ${is}`;
  changes.add(part, 'type-changed', { message, key: typeKey(part.after) });
  return false;
}

function typeKey({ physicalType, logicalType }: ItemProperty): string[] {
  if (physicalType !== undefined) return ['physicalType'];
  return logicalType === undefined ? [] : ['logicalType'];
}

type InnerPath = ['items'] | ['map', 'key' | 'value'];

/** What a list or map holds. Nobody reads it by its name. */
function compareInner(part: Part<ItemProperty>, steps: InnerPath, changes: ChangeList): void {
  const of = (property: ItemProperty) => (steps[0] === 'items' ? property.items! : property.map![steps[1]]);
  const step = steps[0] === 'items' ? '[]' : `{${steps[1]}}`;
  const inner = {
    before: of(part.before),
    after: of(part.after),
    beforePath: [...part.beforePath, ...steps],
    afterPath: [...part.afterPath, ...steps],
    subject: { ...part.subject, column: [...part.subject.column, step] },
  };
  compareWords(inner, ['name', 'physicalName'], changes);
  compareIds(inner, changes);
  compareProperty(inner, changes);
}

function comparePlainTypes(part: Part<ItemProperty>, changes: ChangeList): boolean {
  const { before, after, subject } = part;
  const [was, is] = [storedType(before), storedType(after)];
  const unread = was === null || is === null;
  if (unread && before.physicalType === after.physicalType && before.logicalType === after.logicalType)
    return true;
  if (unread)
    return addTypeChange(part, { was: describe(before, 'plain'), is: describe(after, 'plain') }, changes);
  const relation = relateTypes(was, is);
  if (relation === 'same') return restated(part, changes);
  const how = { narrowed: 'holds less', widened: 'holds more', changed: 'is another type' }[relation];
  const message = `${printSubject(subject)} was ${typeName(was)} and is ${typeName(is)}, which ${how}`;
  changes.add(part, `type-${relation}`, { message, key: typeKey(after) });
  return false;
}

/** The stored type stays: a logical type over it is worth telling, another spelling is not. */
function restated(part: Part<ItemProperty>, changes: ChangeList): true {
  const { before, after, subject } = part;
  const name = printSubject(subject);
  if (before.logicalType !== after.logicalType) {
    const message = `${name} has the logical type ${after.logicalType ?? 'none'} instead of ${before.logicalType ?? 'none'} over the same stored type`;
    changes.add(part, 'logical-type-changed', { message, key: ['logicalType'] });
  } else if (!same(spelling(before), spelling(after))) {
    const message = `the physical type of ${name} is spelt ${after.physicalType ?? 'nowhere'} instead of ${before.physicalType ?? 'nowhere'}`;
    changes.add(part, 'type-restated', { message, key: ['physicalType'] });
  }
  return true;
}

/** A length in a physical type is a bound, and judged as one. */
function spelling({ physicalType }: ItemProperty): string | undefined {
  return physicalType?.replace(/\s*\(\s*\d+\s*\)\s*$/, '');
}
