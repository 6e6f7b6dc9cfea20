import { type Column, type DataType, typeName } from '../base/data-type.ts';
import { columnName, isOfLogicalType, storedProperties } from './column-type.ts';
import { conformTable } from './conforms.ts';
import type { ContractTable } from './contract-table.ts';
import type { SchemaObject } from './odcs-schema.ts';
import { jsonPointer } from './parse-document.ts';

/** One column of the schema, looked for in real data. */
export interface SchemaFinding {
  id: string;
  title: string;
  severity: 'error' | 'warning';
  /** What is wrong; empty when it is as promised. */
  problems: string[];
}

export interface SchemaQuestion {
  object: SchemaObject;
  table: ContractTable;
  actual: readonly Column[];
  /**
   * A table of the mesh has exactly the contract's types. Elsewhere any type of the logical one is right where
   * the contract gives no physical type.
   */
  exact: boolean;
  /**
   * Columns whose data has no types (CSV, JSON): whether their values can be read as the contract's is for
   * those who read them.
   */
  untyped: ReadonlySet<string>;
}

/** The promised columns in their order, then what nobody promised. */
export function checkSchema(question: SchemaQuestion): SchemaFinding[] {
  const { table, actual, untyped } = question;
  const compared = actual.map((column) => alike(column, question));
  const problems = conformTable(table, compared, { nullability: 'checked' });
  const promised = table.columns.map((column, index): SchemaFinding => {
    const pointer = jsonPointer(table.promises[index]!.path);
    const own = problems.filter(
      (problem) => problem.pointer === pointer || problem.pointer?.startsWith(`${pointer}/`),
    );
    return {
      id: `schema.${column.name}`,
      title: untyped.has(column.name)
        ? `${column.name} is there`
        : `${column.name} is ${typeName(column.type)}`,
      severity: 'error',
      problems: own.map(({ message }) => message),
    };
  });
  return [...promised, ...extraColumns(question)];
}

const MOST_NAMES = 10;

/** More than promised breaks no promise of a file; a table of the mesh is made by its contract. */
function extraColumns({ table, actual, exact }: SchemaQuestion): SchemaFinding[] {
  const known = new Set(table.columns.map(({ name }) => name.toLowerCase()));
  const extra = actual.filter(({ name }) => !known.has(name.toLowerCase()));
  if (extra.length === 0) return [];
  const names = extra.slice(0, MOST_NAMES).map(({ name, type }) => `\`${name}\` ${typeName(type)}`);
  const more = extra.length > MOST_NAMES ? ` and ${extra.length - MOST_NAMES} more` : '';
  const problem = `the data has ${names.join(', ')}${more}, which the contract does not have`;
  const title = 'no column is there that the contract does not have';
  return [{ id: 'schema.extra', title, severity: exact ? 'error' : 'warning', problems: [problem] }];
}

/** The column as the comparison should see it: with the promised type where its own is as good. */
function alike(column: Column, { object, table, exact, untyped }: SchemaQuestion): Column {
  const promised = table.columns.find(({ name }) => name === column.name);
  if (promised === undefined || exact) return column;
  const fits = untyped.has(column.name) || isAsGood(column.type, column.name, object);
  return fits ? { ...column, type: promised.type } : column;
}

function isAsGood(type: DataType, name: string, object: SchemaObject): boolean {
  const property = storedProperties(object.properties).find(
    (one) => columnName(one.property) === name,
  )?.property;
  if (property === undefined || property.physicalType !== undefined) return false;
  if (property.logicalType === undefined || type.kind === 'struct' || type.kind === 'list') return false;
  return isOfLogicalType(type, property.logicalType);
}
