import type { Column } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ReferenceTarget } from '../../contracts/check.ts';
import { findColumns, findObject } from '../../contracts/check-references.ts';
import { checkSchema } from '../../contracts/check-schema.ts';
import { type ContractTable, readTable } from '../../contracts/contract-table.ts';
import type { Contract } from '../../contracts/odcs.ts';
import type { SchemaObject } from '../../contracts/odcs-schema.ts';
import { jsonPointer } from '../../contracts/parse-document.ts';
import type { CheckResult } from '../check-result.ts';
import type { CheckedRows, ReferencedRows } from '../run-checks.ts';
import type { LocalTable, Workbench } from './local-table.ts';
import type { TableReport } from './report.ts';
import { schemaResult, testRows } from './test-rows.ts';
import { typedRows } from './typed-rows.ts';

/** Where the rows of a contract's objects are; asked for an object only when they are needed. */
export interface TestData {
  /** Rows of an object under test, or null where the data has none for it. */
  open(object: SchemaObject, wish: { texts: Set<string> }): Promise<LocalTable>;
  /** Rows that a relationship leads to, beside the contract's own objects. */
  openReferenced(target: ReferenceTarget): Promise<LocalTable | null>;
}

export interface TablesTest extends Workbench {
  contract: Contract;
  /** Objects of the contract to test, by their places. */
  places: number[];
  data: TestData;
  now: Date;
  onProgress?(done: number, total: number): void;
}

interface OpenTable {
  rows: CheckedRows;
  schema: CheckResult[];
  data: string;
}

/** Tests each object of a contract on its table, on this machine; relationships lead to tables of the same data. */
export async function testTables(test: TablesTest): Promise<TableReport[]> {
  const opened = new Map<SchemaObject, Promise<OpenTable>>();
  const open = (place: number): Promise<OpenTable> => {
    const object = test.contract.schema![place]!;
    const known = opened.get(object) ?? openTable(test, place);
    opened.set(object, known);
    return known;
  };
  const reports: TableReport[] = [];
  for (const place of test.places) {
    const { rows, schema, data } = await open(place);
    reports.push(
      await testRows({
        ...{ engine: test.engine, contract: test.contract, place, data, schema, relation: rows },
        moment: { now: test.now, releasedAt: null, previousAt: null },
        findReferenced: (target) => findReferenced(test, target, open),
        ...{ timeoutMs: LIMITS.pipelineMs, memoryBytes: test.memoryBytes, caller: 'contract test' },
        signal: test.signal,
        ...(test.onProgress === undefined ? {} : { onProgress: test.onProgress }),
      }),
    );
  }
  return reports;
}

async function openTable(test: TablesTest, place: number): Promise<OpenTable> {
  const object = test.contract.schema![place]!;
  const table = promisedTable(test.contract, object);
  const texts = new Set(table.columns.filter(({ type }) => type.kind === 'string').map(({ name }) => name));
  const found = await test.data.open(object, { texts });
  const { columns: actual, untyped } = found;
  const schema = checkSchema({ object, table, actual, untyped, exact: false }).map(schemaResult);
  if (untyped.size === 0) return { rows: asFound(found), schema, data: found.data };
  const { rows, results } = await typedRows(test, found, table.columns);
  return { rows, schema: [...schema, ...results], data: found.data };
}

function asFound({ sql, files, columns }: LocalTable): CheckedRows {
  return { sql, files, columns };
}

/** The table that one object of a contract promises. @throws MeshError `contract.invalid` */
function promisedTable(contract: Contract, object: SchemaObject): ContractTable {
  const { table, findings } = readTable({ ...contract, schema: [object] });
  if (table !== null && findings.length === 0) return table;
  const problems = findings.map(({ path, message }) => ({ message, pointer: jsonPointer(path) }));
  throw new MeshError('contract.invalid', { facts: { file: contract.id }, problems });
}

async function findReferenced(
  test: TablesTest,
  target: ReferenceTarget,
  open: (place: number) => Promise<OpenTable>,
): Promise<ReferencedRows> {
  const object = target.file === null ? findObject(test.contract, target) : undefined;
  if (object !== undefined) {
    const keys = findColumns(object, target);
    if (keys === null) return { refused: `${target.text} is no column of the contract` };
    return { ...(await open(test.contract.schema!.indexOf(object))).rows, keys };
  }
  const found = await test.data.openReferenced(target);
  if (found === null) {
    return { refused: `there is no data for ${target.text}: give it by --reference ${target.object}=PATH` };
  }
  // Its contract is not here, so the names are those of the data.
  return { ...asFound(found), keys: target.properties.map((steps) => actualNames(found.columns, steps)) };
}

function actualNames(columns: Column[], [first = '', ...rest]: string[]): string[] {
  const found = columns.find(({ name }) => name.toLowerCase() === first.toLowerCase());
  return [found?.name ?? first, ...rest];
}
