import type { Contract } from '../odcs.ts';
import { columnName, storedProperties } from '../column-type.ts';
import { customValue } from '../model-elements.ts';
import type { SchemaObject, SchemaProperty } from '../odcs-schema.ts';
import { PARTITION_TRANSFORM } from '../partition.ts';
import { type ChangeList, type Part, printColumn, printSubject, same } from './change.ts';
import { compareAnnotations } from './compare-annotations.ts';
import { compareColumns, compareIds } from './compare-columns.ts';
import { compareMeasures } from './compare-measures.ts';
import { compareQuality } from './compare-quality.ts';
import { compareRelationships } from './compare-relationships.ts';
import { formerNames, pairElements, type Pairing, partOf } from './pair-elements.ts';

/** The name that readers use for a table: `physicalName`, else `name`. */
function tableName({ physicalName, name }: SchemaObject): string {
  return physicalName ?? name;
}

/** The tables of a contract. The only one left over on each side is the same one under another name. */
export function compareObjects(part: Part<Contract>, changes: ChangeList): void {
  const identities = [({ id }: SchemaObject) => id, tableName, ({ name }: SchemaObject) => name];
  const { pairs, removed, added } = pairElements(part.before.schema, part.after.schema, identities);
  const [gone, ...othersGone] = removed;
  const [come, ...othersCome] = added;
  const isRenamed = gone && come && othersGone.length + othersCome.length === 0;
  if (isRenamed) pairs.push({ before: gone, after: come });
  for (const { item, index } of isRenamed ? [] : removed) {
    const columns = storedProperties(item.properties).map(({ property }) => [columnName(property)]);
    const subject = { object: tableName(item), column: [] };
    const facts = {
      message: `\`${tableName(item)}\` is removed`,
      key: ['schema', index],
      gone: true,
      columns,
    };
    changes.add({ ...part, subject }, 'object-removed', facts);
  }
  for (const { item, index } of isRenamed ? [] : added) {
    const message = `\`${tableName(item)}\` is added`;
    changes.add(part, 'object-added', { message, key: ['schema', index], gone: false });
  }
  for (const pair of pairs) {
    const object = partOf(part, 'schema', pair);
    compareObject({ ...object, subject: { object: tableName(object.before), column: [] } }, changes);
  }
}

function compareObject(part: Part<SchemaObject>, changes: ChangeList): void {
  const { before, after, subject } = part;
  const name = printSubject(subject);
  if (tableName(before) !== tableName(after)) {
    const key = [after.physicalName === undefined ? 'name' : 'physicalName'];
    const message = `${name} is renamed to \`${tableName(after)}\``;
    changes.add(part, 'object-renamed', { message, key });
  } else if (before.name !== after.name) {
    const message = `${name} is labelled \`${after.name}\` and keeps its name`;
    changes.add(part, 'object-relabelled', { message, key: ['name'] });
  }
  compareIds(part, changes);
  if (before.physicalType !== after.physicalType) {
    const message = `${name} is a ${after.physicalType ?? 'table of any kind'} instead of ${before.physicalType ?? 'any kind'}`;
    changes.add(part, 'object-kind-changed', { message, key: ['physicalType'] });
  }
  if (before.dataGranularityDescription !== after.dataGranularityDescription) {
    const message = `what a row of ${name} stands for reads otherwise`;
    changes.add(part, 'granularity-changed', { message, key: ['dataGranularityDescription'] });
  }
  if (!same(before.context, after.context)) {
    changes.add(part, 'context-changed', {
      message: `the context of ${name} reads otherwise`,
      key: ['context'],
    });
  }
  const pairing = compareColumns(part, changes);
  compareKey(part, pairing, changes);
  comparePartitions(part, pairing, changes);
  compareMeasures(part, changes);
  compareQuality(part, changes);
  const former = formerNames(pairing, ({ name: label }) => label);
  compareRelationships(part, changes, (reference) => formerReference(reference, part, former));
  compareAnnotations(part, changes);
}

/** `table.column` by the names of the old contract, so that a column's new label is no other reference. */
function formerReference(
  reference: string,
  { before, after }: Part<SchemaObject>,
  former: Map<string, string>,
): string {
  const [object = '', column = '', ...steps] = reference.split('.');
  if (object !== after.name || reference.includes('/')) return reference;
  return [before.name, former.get(column) ?? column, ...steps].join('.');
}

type Placed = 'primaryKeyPosition' | 'partitionKeyPosition';

/** Placed columns first, then the others as they stand (ODCS: positions start from 1). */
function keyOf(
  properties: SchemaProperty[] = [],
  flag: 'primaryKey' | 'partitioned',
  position: Placed,
): SchemaProperty[] {
  const place = (property: SchemaProperty) => {
    const number = property[position] ?? -1;
    return number > 0 ? number : Number.MAX_SAFE_INTEGER;
  };
  return storedProperties(properties)
    .map(({ property }) => property)
    .filter((property) => property[flag] === true)
    .sort((a, b) => place(a) - place(b));
}

/** The columns of the new contract by their names in the old one. */
function oldNames({ pairs }: Pairing<SchemaProperty>): (property: SchemaProperty) => string | null {
  const names = new Map(pairs.map(({ before, after }) => [after.item, columnName(before.item)]));
  return (property) => names.get(property) ?? null;
}

function compareKey(part: Part<SchemaObject>, pairing: Pairing<SchemaProperty>, changes: ChangeList): void {
  const oldName = oldNames(pairing);
  const was = keyOf(part.before.properties, 'primaryKey', 'primaryKeyPosition').map(columnName);
  const after = keyOf(part.after.properties, 'primaryKey', 'primaryKeyPosition');
  const is = after.map((property) => oldName(property) ?? `+${columnName(property)}`);
  if (same(was, is)) return;
  const name = printSubject(part.subject);
  const columns = was.map((column) => [column]);
  const key = ['properties'];
  const names = after.map((property) => `\`${printColumn([columnName(property)])}\``).join(', ');
  if (was.length === 0) {
    changes.add(part, 'primary-key-added', {
      message: `${name} gets the primary key ${names}`,
      key,
      columns,
    });
  } else if (is.length === 0) {
    changes.add(part, 'primary-key-removed', {
      message: `${name} has no primary key any more`,
      key,
      columns,
    });
  } else if (same(was.toSorted(), is.toSorted())) {
    const message = `the primary key of ${name} stands in the order ${names}`;
    changes.add(part, 'primary-key-reordered', { message, key, columns });
  } else {
    changes.add(part, 'primary-key-changed', {
      message: `the primary key of ${name} is ${names} now`,
      key,
      columns,
    });
  }
}

function comparePartitions(
  part: Part<SchemaObject>,
  pairing: Pairing<SchemaProperty>,
  changes: ChangeList,
): void {
  const oldName = oldNames(pairing);
  const described = (property: SchemaProperty, name: string | null) => ({
    name,
    transform: customValue(property.customProperties, PARTITION_TRANSFORM) ?? 'identity',
  });
  const before = keyOf(part.before.properties, 'partitioned', 'partitionKeyPosition');
  const after = keyOf(part.after.properties, 'partitioned', 'partitionKeyPosition');
  const was = before.map((property) => described(property, columnName(property)));
  const is = after.map((property) => described(property, oldName(property)));
  if (same(was, is)) return;
  const columns = after.map((property) => `\`${columnName(property)}\``).join(', ');
  const message = `${printSubject(part.subject)} is partitioned by ${columns === '' ? 'nothing' : columns} now`;
  const affected = before.map((property) => [columnName(property)]);
  changes.add(part, 'partitioning-changed', { message, key: ['properties'], columns: affected });
}
