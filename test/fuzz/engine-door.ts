import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteIdentifier, quoteLiteral, type Column } from '../../src/base/data-type.ts';
import { isMeshError } from '../../src/base/errors.ts';
import type { DuckdbPool } from '../../src/engines/duckdb-pool.ts';
import type { AccessPlan } from '../../src/policy/access-plan-model.ts';
import { startTestPool } from '../fixtures/queries/test-pool.ts';
import { NO_SUCH_COLUMN } from './answer.ts';
import type { FuzzQuery } from './cases.ts';
import { duckdbView, querySql, type DuckdbDoor } from './duckdb-door.ts';
import { textOfDuckdb } from './texts.ts';

/** The way of a consumer's query: guard, barrier, a locked database in a process of its own, Parquet files. */
export class EngineDoor {
  readonly #pool: DuckdbPool;
  readonly #folder: string;
  #file = '';
  #tables = 0;

  private constructor(pool: DuckdbPool, folder: string) {
    this.#pool = pool;
    this.#folder = folder;
  }

  static async open(): Promise<EngineDoor> {
    return new EngineDoor(startTestPool(), await mkdtemp(join(tmpdir(), 'crossdock-fuzz-')));
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The table that the other door holds. */
  async load(duckdb: DuckdbDoor): Promise<void> {
    this.#file = join(this.#folder, `${this.#tables++}.parquet`);
    await duckdb.connection.run(`COPY fuzz TO ${quoteLiteral(this.#file)} (FORMAT parquet)`);
  }

  async ask(plan: AccessPlan, query: FuzzQuery): Promise<(string | null)[][]> {
    const columns = plan.columns.map(({ name, type }): Column => ({ name, type, required: false }));
    if (query.kind === 'columns') {
      const star = await this.#run('SELECT * FROM s.seen LIMIT 0', plan, columns);
      return star.columns.map(({ name }) => [name]);
    }
    if (query.kind === 'hidden') {
      const sql = `SELECT count(seen.${quoteIdentifier(query.column)}) FROM s.seen AS seen`;
      return this.#run(sql, plan, columns).then(
        ({ rows }) => rows as string[][],
        (error: unknown) => [[isMeshError(error, 'query.invalid') ? NO_SUCH_COLUMN : String(error)]],
      );
    }
    const { sql, shown } = querySql(query, columns);
    const { rows } = await this.#run(sql.replace('(%view%)', 's.seen'), plan, columns);
    return (rows as (string | null)[][]).map((row) =>
      row.map((text, at) => (shown[at] === undefined ? text : textOfDuckdb(text, shown[at].type))),
    );
  }

  #run(sql: string, plan: AccessPlan, columns: Column[]) {
    const relation = {
      ...{ schema: 's', name: 'seen', columns },
      sql: duckdbView(plan, `read_parquet(${quoteLiteral(this.#file)})`),
      filtered: plan.rowFilter.op !== 'true',
    };
    return this.#pool.run({
      ...{ sql, relations: [relation], files: [this.#file] },
      output: { kind: 'rows', maxRows: 1_000 },
      timeoutMs: 60_000,
      memoryBytes: 256 * 1024 * 1024,
    });
  }
}
