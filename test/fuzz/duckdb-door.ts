import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { duckdbType, quoteIdentifier, type Column } from '../../src/base/data-type.ts';
import type { AccessPlan } from '../../src/policy/access-plan-model.ts';
import { duckdbFilter } from '../../src/policy/compile/duckdb-filter.ts';
import { compileDuckdbView } from '../../src/policy/compile/duckdb.ts';
import type { RowValue } from '../../src/policy/row-value.ts';
import { NO_SUCH_COLUMN } from './answer.ts';
import type { FuzzQuery, FuzzTable } from './cases.ts';
import { duckdbText, nestedText, textOfDuckdb } from './texts.ts';
import { NESTED } from './values.ts';

export const SALT = "it's a salt of 20+ characters";

/** The SQL of a plan's view over a relation; the tests of the tests plant their faults here. */
export type ViewOf = (plan: AccessPlan, relation: string) => string;

export const duckdbView: ViewOf = (plan, relation) => compileDuckdbView(plan, { relation, querySalt: SALT });

/** A database that holds one table at a time; opened once, since opening costs more than a hundred cases. */
export class DuckdbDoor {
  readonly #instance: DuckDBInstance;
  readonly connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.connection = connection;
  }

  /** Not in UTC: an instant must mean the same in every session. */
  static async open(timeZone = 'Asia/Tokyo'): Promise<DuckdbDoor> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = '${timeZone}'`);
    return new DuckdbDoor(instance, connection);
  }

  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }

  /** By parameters, so that the literals under test have no part in it. */
  async load({ columns, rows }: FuzzTable): Promise<void> {
    const types = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}`);
    await this.connection.run(`CREATE OR REPLACE TABLE fuzz (${types.join(', ')})`);
    const marks = columns.map(({ type }, at) => `CAST($${at + 1} AS ${duckdbType(type)})`);
    const insert = await this.connection.prepare(`INSERT INTO fuzz VALUES (${marks.join(', ')})`);
    for (const row of rows) {
      columns.forEach(({ name, type }, at) => {
        const value = row[name] ?? null;
        if (value === null) insert.bindNull(at + 1);
        else if (value instanceof Uint8Array) insert.bindBlob(at + 1, value);
        else insert.bindVarchar(at + 1, written(value, { name, type, required: false }));
      });
      await insert.run();
    }
  }

  async ask(plan: AccessPlan, query: FuzzQuery, view: ViewOf = duckdbView): Promise<(string | null)[][]> {
    const columns = plan.columns.map(({ name, type }): Column => ({ name, type, required: false }));
    if (query.kind === 'columns')
      return this.read(`SELECT column_name FROM (DESCRIBE ${view(plan, 'fuzz')})`);
    if (query.kind === 'hidden') return this.#askHidden(query.column, view(plan, 'fuzz'));
    const { sql, shown } = querySql(query, columns);
    const rows = await this.read(sql.replace('%view%', () => view(plan, 'fuzz')));
    return rows.map((row) =>
      row.map((text, at) => (shown[at] === undefined ? text : textOfDuckdb(text, shown[at].type))),
    );
  }

  async #askHidden(column: string, view: string): Promise<string[][]> {
    const sql = `SELECT CAST(count(seen.${quoteIdentifier(column)}) AS VARCHAR) FROM (${view}) AS seen`;
    try {
      return (await this.read(sql)) as string[][];
    } catch (error) {
      return [[/does not have a column named/.test(String(error)) ? NO_SUCH_COLUMN : String(error)]];
    }
  }

  async read(sql: string): Promise<(string | null)[][]> {
    const answer = await this.connection.runAndReadAll(sql);
    return answer.getRowsJS() as (string | null)[][];
  }
}

function written(value: Exclude<RowValue, null>, { type }: Column): string {
  if (NESTED.includes(type.kind)) return nestedText(value as object, type);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Every value as text; `shown` are the columns whose values stand in the answer's places. */
export function querySql(
  query: Extract<FuzzQuery, { where: unknown }>,
  columns: Column[],
): { sql: string; shown: (Column | undefined)[] } {
  const where = query.where ? ` WHERE ${duckdbFilter(query.where, { columns, alias: 'seen' })}` : '';
  const from = `FROM (%view%) AS seen${where}`;
  const column = (name: string) => columns.find((one) => one.name === name)!;
  const text = (name: string) => duckdbText(`seen.${quoteIdentifier(name)}`, column(name).type);
  switch (query.kind) {
    case 'select':
      return {
        sql: `SELECT ${query.columns.map(text).join(', ')} ${from}`,
        shown: query.columns.map(column),
      };
    case 'count': {
      const counted = query.column === null ? '*' : `seen.${quoteIdentifier(query.column)}`;
      return { sql: `SELECT CAST(count(${counted}) AS VARCHAR) ${from}`, shown: [] };
    }
    case 'group': {
      const sql = `SELECT ${text(query.column)}, CAST(count(*) AS VARCHAR) ${from} GROUP BY 1`;
      return { sql, shown: [column(query.column)] };
    }
  }
}
