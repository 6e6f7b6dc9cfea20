/**
 * Generated tables, plans and what the reference makes of them, for readers that others wrote:
 *
 *   node cases.ts write FILE TABLES     one JSON object a line: a table with its cases
 *   node cases.ts compare FILE ANSWERS  lines of answers against the file; ends with "N passed, N failed"
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Column, DataType } from '../../src/base/data-type.ts';
import { planAccess } from '../../src/policy/access-plan.ts';
import { icebergExpression } from '../../src/policy/compile/iceberg-expression.ts';
import { icebergJson } from '../../src/policy/compile/iceberg-value.ts';
import { trinoType } from '../../src/policy/compile/trino-literal.ts';
import { compileTrino } from '../../src/policy/compile/trino.ts';
import { evaluatePlan } from '../../src/policy/evaluate-plan.ts';
import { microsOf, microsOfDay, type RowValue } from '../../src/policy/row-value.ts';
import { casesOf, type FuzzCase, type FuzzTable } from '../../test/fuzz/cases.ts';
import { SALT } from '../../test/fuzz/duckdb-door.ts';
import { nestedText, sortedLines, valueText } from '../../test/fuzz/texts.ts';

/** As whom Trino reads the hidden columns of filters; the asking people may not. */
const FILTER_IDENTITY = 'crossdock';

const [command, file, more] = process.argv.slice(2);
if (command === 'write') write(file!, Number(more));
else if (command === 'compare') compare(file!, more!);
else throw new Error('write FILE TABLES, or compare FILE ANSWERS');

function write(path: string, tables: number): void {
  const lines = Array.from({ length: tables }, (_, at) => describeTable(`t${at}`, casesOf(at + 1)));
  writeFileSync(path, lines.map((line) => `${icebergJson(line)}\n`).join(''));
}

function describeTable(name: string, cases: FuzzCase[]) {
  const { table } = cases[0]!;
  return {
    name,
    columns: table.columns.map((column) => ({ ...column, trino: trinoType(column.type) })),
    rows: table.rows.map((row) => table.columns.map((column) => jsonValue(row[column.name] ?? null))),
    inserts: table.rows.map((row) =>
      table.columns.map((column) => trinoValue(row[column.name] ?? null, column.type)).join(', '),
    ),
    cases: cases.map((one) => describeCase(one, table)),
  };
}

function describeCase({ name, facts }: FuzzCase, { columns, rows }: FuzzTable) {
  const plan = planAccess(facts);
  const shown = evaluatePlan(plan, rows, { querySalt: SALT });
  const trino = compileTrino(plan, { querySalt: SALT, filterIdentity: FILTER_IDENTITY });
  const iceberg = icebergExpression(plan.rowFilter, { columns: plan.filterColumns, references: 'id' });
  if (!trino.ok || !iceberg.ok) throw new Error(`${name} cannot be said`);
  const visible = plan.columns.map((planned) => columns.find((column) => column.name === planned.name)!);
  return {
    name,
    predicate: iceberg.value,
    rows: rows.flatMap((row, at) => (evaluatePlan(plan, [row], { querySalt: SALT }).length > 0 ? [at] : [])),
    hidden: plan.hidden.map((column) => column.name),
    rowFilters: trino.value.rowFilters,
    columnMasks: Object.fromEntries(
      [...trino.value.columnMasks].map(([column, { expression }]) => [column, expression]),
    ),
    select: visible.map((column) => ({ name: column.name, text: trinoText(column) })),
    // Of nothing nothing can be asked.
    lines:
      visible.length === 0
        ? []
        : sortedLines(
            shown.map((row) => visible.map(({ name: one, type }) => valueText(row[one] ?? null, type))),
          ),
  };
}

/** A value for a reader of JSON: bytes in hexadecimal digits, numbers that JSON lacks as text. */
function jsonValue(value: RowValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? Object.is(value, -0)
      ? '-0.0'
      : String(value)
    : value;
}

/** A value as SQL of Trino, written apart from our compilers. */
function trinoValue(value: RowValue, type: DataType): string {
  const sql = trinoType(type);
  if (value === null) return `CAST(NULL AS ${sql})`;
  switch (type.kind) {
    case 'string':
      return `from_utf8(from_hex('${Buffer.from(String(value)).toString('hex')}'))`;
    case 'binary':
      return `from_hex('${Buffer.from(value as Uint8Array).toString('hex')}')`;
    case 'float':
      return `CAST(CAST('${Object.is(value, -0) ? '-0.0' : value}' AS DOUBLE) AS REAL)`;
    case 'double':
      return `CAST('${Object.is(value, -0) ? '-0.0' : value}' AS DOUBLE)`;
    case 'timestamptz':
      return `CAST('${String(value).replace('Z', ' UTC')}' AS ${sql})`;
    case 'list':
      return `CAST(ARRAY[${(value as RowValue[]).map((one) => trinoValue(one, type.element)).join(', ')}] AS ${sql})`;
    case 'map': {
      const entries = Object.entries(value);
      const lists = [
        entries.map(([key]) => trinoValue(key, type.key)),
        entries.map(([, one]) => trinoValue(one as RowValue, type.value)),
      ];
      return `CAST(MAP(${lists.map((list) => `ARRAY[${list.join(', ')}]`).join(', ')}) AS ${sql})`;
    }
    case 'struct':
      return `CAST(ROW(${type.fields
        .map((field) => trinoValue((value as Record<string, RowValue>)[field.name] ?? null, field.type))
        .join(', ')}) AS ${sql})`;
    default:
      return `CAST('${value}' AS ${sql})`;
  }
}

/** SQL of a text without line ends and tabs. */
function trinoText({ name, type }: Column): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  switch (type.kind) {
    case 'string':
      return `to_hex(to_utf8(${column}))`;
    case 'binary':
      return `to_hex(${column})`;
    case 'float':
      return `CAST(CAST(${column} AS DOUBLE) AS VARCHAR)`;
    case 'struct':
    case 'list':
    case 'map':
      return `json_format(CAST(${column} AS JSON))`;
    default:
      return `CAST(${column} AS VARCHAR)`;
  }
}

/** From the text of `trinoText` the one of `valueText`. */
function textOfTrino(text: string | undefined, type: DataType): string | null {
  if (text === undefined || text === '\\N') return null;
  switch (type.kind) {
    case 'string':
      return Buffer.from(text, 'hex').toString();
    case 'float':
    case 'double':
      return Object.is(Number(text), -0) ? '-0' : String(Number(text));
    case 'time':
      return String(microsOfDay(text));
    case 'timestamp':
    case 'timestamptz':
      return String(microsOf(text.replace(' UTC', 'Z')));
    case 'struct':
    case 'list':
    case 'map':
      return nestedText(JSON.parse(text) as object, type);
    default:
      return text;
  }
}

type Described = ReturnType<typeof describeTable>;

/**
 * Answers are lines `CASE<tab>rows<tab>0<tab>2 …` (which rows pass), or `CASE<tab>row<tab>TEXT<tab>TEXT …` (what
 * is shown), or `CASE<tab>done` (all were given, perhaps none), or `CASE<tab>error<tab>TEXT`.
 */
function compare(path: string, answers: string): void {
  const tables = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Described);
  const found = new Map<string, string[][]>();
  for (const line of readFileSync(answers, 'utf8').split('\n')) {
    const [name, ...parts] = line.split('\t');
    if (parts.length > 0) found.set(name!, [...(found.get(name!) ?? []), parts]);
  }
  let failed = 0;
  for (const table of tables) {
    for (const one of table.cases) {
      const problem = differs(one, table, found.get(one.name) ?? []);
      if (problem === null) continue;
      failed++;
      console.log(`${one.name} of ${table.name}: ${problem}`);
    }
  }
  const all = tables.flatMap(({ cases }) => cases).length;
  console.log(`${all - failed} passed, ${failed} failed`);
}

function differs(one: Described['cases'][number], table: Described, found: string[][]): string | null {
  const error = found.find(([kind]) => kind === 'error');
  if (error) return error.slice(1).join(' ');
  const passing = found.filter(([kind]) => kind === 'rows').map(([, ...rows]) => rows.join());
  if (passing.length > 0) {
    const wrong = passing.find((rows) => rows !== one.rows.join());
    return wrong === undefined ? null : `rows ${one.rows.join()} expected, ${wrong} found`;
  }
  if (!found.some(([kind]) => kind === 'done')) return 'no answer';
  const types = one.select.map(({ name }) => table.columns.find((column) => column.name === name)!.type);
  const lines = sortedLines(
    found
      .filter(([kind]) => kind === 'row')
      .map(([, ...texts]) => types.map((type, at) => textOfTrino(texts[at], type))),
  );
  if (lines.join('\n') === one.lines.join('\n')) return null;
  return `expected\n${one.lines.join('\n')}\nfound\n${lines.join('\n')}\nby ${JSON.stringify(one.columnMasks)} ${JSON.stringify(one.rowFilters)}`;
}
