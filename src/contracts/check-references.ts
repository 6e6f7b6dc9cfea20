import type { ColumnPath, ReferenceTarget } from './check.ts';
import { columnName } from './column-type.ts';
import { type CheckBody, NONE, notRun } from './describe-quality.ts';
import type { Contract } from './odcs.ts';
import type { ObjectRelationship, SchemaObject, SchemaProperty } from './odcs-schema.ts';

/** One reference of ODCS ("References", "Reference Structure"), taken apart. */
interface Reference {
  file: string | null;
  by: 'id' | 'name';
  object: string;
  steps: string[];
}

/** `[file#][/]schema/<id>/properties/<id>...` by ids, `object.property...` by names. */
export function parseReference(text: string): Reference {
  const [, file = null, path = ''] = /^(?:([^#]*)#)?\/?(.*)$/s.exec(text) ?? [];
  if (!path.includes('/')) {
    const [object = '', ...steps] = path.split('.');
    return { file, by: 'name', object, steps };
  }
  const [, object = '', ...rest] = path.split('/');
  return { file, by: 'id', object, steps: rest.filter((_, index) => index % 2 === 1) };
}

/** The check that a relationship of a property asks for; the property itself is its `from`. */
export function describePropertyReference(column: ColumnPath, to: string | string[]): CheckBody {
  return describeReference([column], [to].flat());
}

/** The check that a relationship of an object asks for. */
export function describeObjectReference(object: SchemaObject, { from, to }: ObjectRelationship): CheckBody {
  const columns: ColumnPath[] = [];
  for (const text of [from].flat()) {
    const reference = parseReference(text);
    const own = isNamed(object, reference) && reference.file === null;
    const path = own ? findColumn(object, reference) : null;
    if (path === null) {
      const why = own
        ? 'there is no such property'
        : `a relationship of ${object.name} starts in ${object.name}`;
      return notRun(`${text} refers to ${[to].flat().join(', ')}`, `its \`from\` is ${text}: ${why}`);
    }
    columns.push(path);
  }
  return describeReference(columns, [to].flat());
}

function describeReference(columns: ColumnPath[], to: string[]): CheckBody {
  const names = columns.map((column) => column.join('.')).join(', ');
  const title = `${columns.length > 1 ? `(${names})` : names} is in ${to.join(', ')}`;
  const references = to.map(parseReference);
  const [first] = references;
  if (!first || references.length !== columns.length) {
    return notRun(title, 'it names another number of columns than its `from`');
  }
  const same = ({ file, by, object }: Reference) =>
    file === first.file && by === first.by && object === first.object;
  if (!references.every(same)) return notRun(title, 'its columns belong to several objects');
  const target: ReferenceTarget = {
    text: to.join(', '),
    file: first.file,
    by: first.by,
    object: first.object,
    properties: references.map(({ steps }) => steps),
  };
  return { kind: 'reference', title, columns, target, ...NONE };
}

/** The object of a contract that a reference means, if it is there. */
export function findObject(
  contract: Contract,
  { by, object }: Pick<Reference, 'by' | 'object'>,
): SchemaObject | undefined {
  return contract.schema?.find((one) => isNamed(one, { by, object }));
}

/** The columns of an object that a target names, in its order; null when one is not there. */
export function findColumns(object: SchemaObject, target: ReferenceTarget): ColumnPath[] | null {
  const paths = target.properties.map((steps) => findColumn(object, { by: target.by, steps }));
  return paths.every((path) => path !== null) ? paths : null;
}

function isNamed(object: SchemaObject, { by, object: name }: Pick<Reference, 'by' | 'object'>): boolean {
  // An object without an id can only be meant by its name, in either notation.
  return by === 'id' ? (object.id ?? object.name) === name : object.name === name;
}

function findColumn(object: SchemaObject, { by, steps }: Pick<Reference, 'by' | 'steps'>): ColumnPath | null {
  const path: string[] = [];
  let level: SchemaProperty[] | undefined = object.properties;
  for (const step of steps) {
    const property: SchemaProperty | undefined = level?.find(
      (one) => (by === 'id' ? (one.id ?? one.name) : one.name) === step,
    );
    if (!property) return null;
    path.push(columnName(property));
    level = property.properties;
  }
  return path.length === 0 ? null : path;
}
