import { quoteIdentifier, type Column } from '../../src/base/data-type.ts';
import type { TrinoPlan } from '../../src/policy/compile/trino.ts';
import { DuckdbDoor } from './duckdb-door.ts';
import type { FuzzTable } from './cases.ts';
import { duckdbText, textOfDuckdb } from './texts.ts';

/**
 * The functions of Trino that our compilers use, as DuckDB macros of their meaning: Trino itself takes half a
 * minute to start. `interop/policy-doors` asks the real one.
 */
const MACROS: Record<string, string> = {
  regexp_replace: `(subject, pattern, other) AS regexp_replace(subject, pattern, other, 'g')`,
  is_nan: '(value) AS isnan(value)',
  to_utf8: '(text) AS encode(text)',
  to_hex: '(bytes) AS hex(bytes)',
  sha256: '(bytes) AS unhex(sha256(bytes))',
  reverse: `(bytes) AS unhex(list_aggregate(list_reverse(regexp_extract_all(hex(bytes), '..')), 'string_agg', ''))`,
  substr_bytes: '(bytes, start, size) AS bytes[start:start + size - 1]',
  to_big_endian_32: '(value) AS CAST(CAST(value AS BIT) AS BLOB)',
  to_big_endian_64: '(value) AS CAST(CAST(value AS BIT) AS BLOB)',
  from_big_endian_32: '(bytes) AS CAST(CAST(bytes AS BIT) AS INTEGER)',
  from_big_endian_64: '(bytes) AS CAST(CAST(bytes AS BIT) AS BIGINT)',
  at_timezone: '(value, zone) AS value',
  last_4: `(text) AS CASE WHEN length(text) < 4 THEN '' ELSE right(text, 4) END`,
};

export class TrinoDoor {
  readonly #duckdb: DuckdbDoor;

  private constructor(duckdb: DuckdbDoor) {
    this.#duckdb = duckdb;
  }

  /** In UTC, where `at_timezone(…, 'UTC')` changes nothing. */
  static async open(): Promise<TrinoDoor> {
    const duckdb = await DuckdbDoor.open('UTC');
    for (const [name, meaning] of Object.entries(MACROS)) {
      await duckdb.connection.run(`CREATE MACRO trino_${name}${meaning}`);
    }
    return new TrinoDoor(duckdb);
  }

  close(): void {
    this.#duckdb.close();
  }

  load(table: FuzzTable): Promise<void> {
    return this.#duckdb.load(table);
  }

  /** What each plan shows, all in one statement over one table. */
  async read(plans: TrinoPlan[], columns: Column[]): Promise<(string | null)[][][]> {
    const wanted = plans.map((plan) => ({
      plan,
      shown: plan.columns.map((name) => columns.find((column) => column.name === name)!),
    }));
    const parts = wanted.flatMap(({ plan, shown }) => [
      `CAST(${and(plan)} AS VARCHAR)`,
      ...shown.map((column) => duckdbText(translated(expressionOf(plan, column)), column.type)),
    ]);
    if (parts.length === 0) return [];
    const rows = await this.#duckdb.read(`SELECT ${parts.join(',\n')} FROM fuzz`);
    let from = 0;
    return wanted.map(({ shown }) => {
      const start = from;
      from += shown.length + 1;
      return rows
        .filter((row) => row[start] === 'true')
        .map((row) => shown.map(({ type }, at) => textOfDuckdb(row[start + 1 + at]!, type)));
    });
  }
}

function and({ rowFilters }: TrinoPlan): string {
  return rowFilters.length === 0
    ? 'TRUE'
    : rowFilters.map(({ expression }) => `(${translated(expression)})`).join(' AND ');
}

function expressionOf(plan: TrinoPlan, { name }: Column): string {
  return plan.columnMasks.get(name)?.expression ?? quoteIdentifier(name);
}

const NAME = '"(?:[^"]|"")*"';
const FLOATING = String.raw`CAST\((?:'[^']*' AS DOUBLE\)|CAST\('[^']*' AS DOUBLE\) AS REAL\))`;

/** Trino's words in DuckDB's, and two of its meanings; texts within quotes stay as they are. */
function translated(sql: string): string {
  const meant = sql
    // Above nothing is NaN to Trino, above everything to DuckDB.
    .replace(new RegExp(`(${NAME}) (>=?) (${FLOATING})`, 'g'), '($1 $2 $3 AND NOT isnan($1))')
    // The last four of three characters are none to Trino, and three to DuckDB.
    .replace(new RegExp(`substr\\((${NAME}), -4\\)`, 'g'), 'trino_last_4($1)');
  return meant.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]+/g, (part) =>
    /^['"]/.test(part)
      ? part
      : part
          .replace(/\b(TIME|TIMESTAMP)\(6\)/g, '$1')
          .replaceAll('substr(sha256(', 'trino_substr_bytes(sha256(')
          .replace(new RegExp(`(?<!_)\\b(${Object.keys(MACROS).join('|')})\\(`, 'g'), 'trino_$1('),
  );
}
