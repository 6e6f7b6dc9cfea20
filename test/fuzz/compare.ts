import type { Column } from '../../src/base/data-type.ts';
import { isMeshError } from '../../src/base/errors.ts';
import type { AccessPlan } from '../../src/policy/access-plan-model.ts';
import { planAccess } from '../../src/policy/access-plan.ts';
import { compileDelta } from '../../src/policy/compile/delta.ts';
import { icebergExpression } from '../../src/policy/compile/iceberg-expression.ts';
import { icebergJson } from '../../src/policy/compile/iceberg-value.ts';
import { compileReadRestrictions } from '../../src/policy/compile/iceberg.ts';
import { compileTrino, type TrinoPlan } from '../../src/policy/compile/trino.ts';
import { evaluatePlan } from '../../src/policy/evaluate-plan.ts';
import type { Row } from '../../src/policy/row-value.ts';
import { answer } from './answer.ts';
import { anyQuery, type FuzzCase, type FuzzQuery, type FuzzTable } from './cases.ts';
import { deltaHolds } from './delta-reader.ts';
import { Dice } from './dice.ts';
import { DuckdbDoor, duckdbView, SALT, type ViewOf } from './duckdb-door.ts';
import { EngineDoor } from './engine-door.ts';
import { holds, parseJson, readRestricted, type Json } from './iceberg-reader.ts';
import { sortedLines, valueText } from './texts.ts';
import { TrinoDoor } from './trino-door.ts';

export interface Difference {
  case: string;
  door: string;
  expected: string;
  found: string;
}

/** Faults to plant; the tests of the fuzzer use them. */
export interface Faults {
  view?: ViewOf;
  trino?: (plan: TrinoPlan) => TrinoPlan;
  iceberg?: (json: string) => string;
  delta?: (json: string) => string;
}

/** How often each door could say what was asked of it. */
export type Tally = Record<string, number>;

/** Every door with the reference, on the same tables and plans. */
export class Comparison {
  readonly #duckdb: DuckdbDoor;
  readonly #trino: TrinoDoor;
  #engine: EngineDoor | null = null;
  readonly tally: Tally = {};

  private constructor(duckdb: DuckdbDoor, trino: TrinoDoor) {
    this.#duckdb = duckdb;
    this.#trino = trino;
  }

  static async open(): Promise<Comparison> {
    return new Comparison(await DuckdbDoor.open(), await TrinoDoor.open());
  }

  async close(): Promise<void> {
    this.#duckdb.close();
    this.#trino.close();
    await this.#engine?.close();
  }

  /** The same cases by the whole way of a consumer's query, which takes ten times as long. */
  async compareEngine(cases: FuzzCase[]): Promise<Difference[]> {
    const engine = (this.#engine ??= await EngineDoor.open());
    const { columns, rows } = cases[0]!.table;
    const table = { columns, rows: rows.map(withOneZero) };
    await this.#duckdb.load(table);
    await engine.load(this.#duckdb);
    for (const { name, facts, querySeed } of cases) {
      const plan = planAccess(facts);
      if (plan.columns.length === 0) continue;
      const query = queryOf(plan, querySeed);
      // Readers write a NUL character by a function that they may not use where rows are hidden.
      if (JSON.stringify(query).includes(String.raw`\u0000`)) continue;
      this.#count('engine');
      const expected = answer(query, evaluatePlan(plan, table.rows, { querySalt: SALT }), visible(plan));
      const found = await engine.ask(plan, query).catch((error: Error) => [[error.message]]);
      const differences = difference({ case: name, door: `engine ${query.kind}` }, expected, found);
      if (differences.length > 0) return differences;
    }
    return [];
  }

  /** The cases of one table, up to the first that differs; `door` narrows to one. */
  async compare(cases: FuzzCase[], faults: Faults = {}, door?: string): Promise<Difference[]> {
    const { table } = cases[0]!;
    const planned = cases.map((one) => ({ ...one, plan: planAccess(one.facts) }));
    const wanted = (name: string) => door === undefined || door === name;
    if (wanted('duckdb')) await this.#duckdb.load(table);
    for (const one of planned) {
      const differences = [
        ...(wanted('duckdb') ? await this.#askDuckdb(one, faults.view) : []),
        ...(wanted('iceberg') ? this.#askIceberg(one, faults.iceberg) : []),
        ...(wanted('delta') ? this.#askDelta(one, faults.delta) : []),
      ];
      if (differences.length > 0) return differences;
    }
    return wanted('trino') ? this.#askTrino(planned, table, faults.trino) : [];
  }

  async #askDuckdb({ name, plan, table, querySeed }: PlannedCase, view?: ViewOf): Promise<Difference[]> {
    const columns = visible(plan);
    if (columns.length === 0) return [...refusesNothingVisible(name, plan)];
    this.#count('duckdb');
    const query = queryOf(plan, querySeed);
    const expected = answer(query, evaluatePlan(plan, table.rows, { querySalt: SALT }), columns);
    const found = await this.#duckdb.ask(plan, query, view).catch((error: Error) => [[error.message]]);
    return difference({ case: name, door: `duckdb ${query.kind}` }, expected, found);
  }

  async #askTrino(cases: PlannedCase[], table: FuzzTable, fault: Faults['trino']): Promise<Difference[]> {
    await this.#trino.load(table);
    const able = cases.flatMap(({ name, plan }) => {
      const made = compileTrino(plan, { querySalt: SALT, filterIdentity: 'crossdock' });
      // What DuckDB cannot read of Trino's SQL: constructors of nested values.
      const readable = plan.columns.filter((column) => !(column.mask && isNested(column)));
      if (!made.ok || readable.length === 0) return [];
      const shown = readable.map((column) => column.name);
      return [{ name, plan: { ...plan, columns: readable }, trino: { ...made.value, columns: shown } }];
    });
    this.#count('trino', able.length);
    const plans = able.map(({ trino }) => (fault ? fault(trino) : trino));
    const found = await this.#trino.read(plans, table.columns);
    return able.flatMap(({ name, plan }, at) => {
      const expected = textsOf(evaluatePlan(plan, table.rows, { querySalt: SALT }), visible(plan));
      return difference({ case: name, door: 'trino' }, expected, found[at]!);
    });
  }

  #askIceberg({ name, plan, table }: PlannedCase, fault = unchanged): Difference[] {
    const { columns, rows } = table;
    const filter = icebergExpression(plan.rowFilter, { columns: plan.filterColumns, references: 'id' });
    if (!filter.ok)
      return [{ case: name, door: 'iceberg', expected: 'a filter', found: filter.reasons.join() }];
    this.#count('iceberg filter');
    const shown = shownRows(plan, rows);
    const predicate = parseJson(fault(icebergJson(filter.value)));
    const differences = (['spec', 'java'] as const).flatMap((reading) => {
      const reader = { columns, reading, salt: SALT };
      const found = rows.map((row) => [String(holds(predicate, row, reader))]);
      return difference({ case: name, door: `iceberg filter (${reading})`, inOrder: true }, shown, found);
    });
    const restrictions = compileReadRestrictions(plan, columns);
    if (!restrictions.ok) return differences;
    this.#count('iceberg read-restrictions');
    const json = parseJson(fault(icebergJson(restrictions.value))) as { [key: string]: Json };
    const read = readRestricted(json, rows, { columns, reading: 'spec', salt: SALT });
    const expected = textsOf(evaluatePlan(plan, rows, { querySalt: SALT }), visible(plan));
    return [
      ...differences,
      ...difference({ case: name, door: 'iceberg read-restrictions' }, expected, textsOf(read, columns)),
    ];
  }

  #askDelta({ name, plan, table }: PlannedCase, fault = unchanged): Difference[] {
    const made = compileDelta({ ...plan, columns: [], hidden: [] });
    if (!made.ok || made.value === null) return [];
    this.#count('delta');
    const predicate = JSON.parse(fault(JSON.stringify(made.value)));
    const expected = shownRows(plan, table.rows);
    return (['sql', 'jvm'] as const).flatMap((reading) => {
      const found = table.rows.map((row) => [String(deltaHolds(predicate, row, reading))]);
      return difference({ case: name, door: `delta (${reading})`, inOrder: true }, expected, found);
    });
  }

  #count(door: string, times = 1): void {
    this.tally[door] = (this.tally[door] ?? 0) + times;
  }
}

interface PlannedCase extends FuzzCase {
  plan: AccessPlan;
}

const unchanged = (json: string) => json;

/** 0 and -0 are equal, and DuckDB's writer of Parquet gives them one place in a column's dictionary. */
function withOneZero(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, oneZero(value)]));
}

function oneZero<Value>(value: Value): Value {
  if (value === 0) return 0 as Value;
  if (Array.isArray(value)) return value.map(oneZero) as Value;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, oneZero(one)])) as Value;
}

function visible(plan: AccessPlan): Column[] {
  return plan.columns.map(({ name, type }) => ({ name, type, required: false }));
}

function queryOf(plan: AccessPlan, seed: number): FuzzQuery {
  const hidden = plan.hidden.map(({ name }) => name);
  return anyQuery(new Dice(seed), visible(plan), hidden);
}

function isNested({ type }: { type: Column['type'] }): boolean {
  return type.kind === 'struct' || type.kind === 'list' || type.kind === 'map';
}

/** Of each row whether the plan shows it. */
function shownRows(plan: AccessPlan, rows: Row[]): string[][] {
  return rows.map((row) => [String(evaluatePlan(plan, [row], { querySalt: SALT }).length === 1)]);
}

function textsOf(rows: Row[], columns: Column[]): (string | null)[][] {
  return rows.map((row) => columns.map(({ name, type }) => valueText(row[name] ?? null, type)));
}

function refusesNothingVisible(name: string, plan: AccessPlan): Difference[] {
  try {
    const sql = duckdbView(plan, 'fuzz');
    return [{ case: name, door: 'duckdb', expected: 'policy.nothing-visible', found: sql }];
  } catch (error) {
    if (isMeshError(error, 'policy.nothing-visible')) return [];
    throw error;
  }
}

function difference(
  { inOrder = false, ...where }: { case: string; door: string; inOrder?: boolean },
  expected: (string | null)[][],
  found: (string | null)[][],
): Difference[] {
  const [left, right] = [expected, found].map((rows) =>
    (inOrder ? rows.map((row) => JSON.stringify(row)) : sortedLines(rows)).join('\n'),
  );
  return left === right ? [] : [{ ...where, expected: left!, found: right! }];
}
