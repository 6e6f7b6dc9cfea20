import type { Dialect, LineageNode, QueryAnalysis } from '@polyglot-sql/sdk';
import { combine, usesOf } from './expression-uses.ts';
import { columnOf, eachNode, isNode, lower, nameOf } from './syntax-nodes.ts';
import { findDoubts } from './trace-doubts.ts';
import {
  type ColumnSource,
  type IndirectKind,
  tablesOnly,
  type TraceRequest,
  type Traced,
  type Transformation,
} from './trace-model.ts';

/** The library: imported by the worker alone, which hands it in. */
export type Polyglot = Pick<
  typeof import('@polyglot-sql/sdk'),
  'parse' | 'analyzeQuery' | 'lineageAtWithSchema'
>;

type Schema = Parameters<Polyglot['lineageAtWithSchema']>[2];
const DIALECT = 'duckdb' as Dialect;

/**
 * Which input columns make which output columns. What the library does not answer for certain is answered by
 * the tables alone. For people to read: no permission ever hangs on it.
 */
export function traceSql(polyglot: Polyglot, request: TraceRequest): Traced {
  const unknown = request.tables.filter(({ columns }) => columns === null);
  if (unknown.length > 0) return tablesOnly(request, unknown.map(unknownTable));
  const sql = knownSlashes(request.sql);
  const parsed = polyglot.parse(sql, DIALECT);
  if (!parsed.success) return tablesOnly(request, ['syntax that the lineage library does not know']);
  const schema = schemaOf(request);
  const analyzed = polyglot.analyzeQuery(sql, { dialect: DIALECT, schema });
  if (!analyzed.success || analyzed.analysis === undefined) {
    return tablesOnly(request, ['a statement that the lineage library does not follow']);
  }
  const doubts = findDoubts(parsed.ast, request.tables);
  if (!sameTables(request, analyzed.analysis))
    doubts.push('names that stand for a table and for something else');
  if (doubts.length > 0) return tablesOnly(request, doubts);
  const traced = traceOutputs(polyglot, { request, sql, schema });
  const columns = request.outputs.map((output) => ({ output, sources: traced.get(lower(output)) ?? null }));
  const missed = columns.filter(({ sources }) => sources === null).map(({ output }) => `column ${output}`);
  return { columns, dataset: rowSources(request, analyzed.analysis), doubts: missed };
}

function unknownTable({ schema, name }: TraceRequest['tables'][number]): string {
  return `the columns of ${schema}.${name} are not known yet`;
}

function schemaOf({ tables }: TraceRequest): Schema {
  const described = tables.map(({ schema, name, columns }) => ({ schema, name, columns: columns ?? [] }));
  return { tables: described, strict: false };
}

/** The library parses no `//`; to lineage it is a division like any other. */
export function knownSlashes(sql: string): string {
  const skipped = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\/\//g;
  return sql.replace(skipped, (text) => (text === '//' ? '/' : text));
}

/** DuckDB's parser said what is read; where the library sees something else, one of the two is mistaken. */
function sameTables({ tables }: TraceRequest, { baseTables }: QueryAnalysis): boolean {
  const seen = baseTables.map(({ schema, table }) => inputOf(tables, `${schema ?? ''}.${table ?? ''}`));
  return !seen.includes(null) && tables.every(({ input }) => seen.includes(input));
}

function inputOf(tables: TraceRequest['tables'], name: string): number | null {
  return findTable(tables, name)?.input ?? null;
}

function findTable(tables: TraceRequest['tables'], name: string) {
  return tables.find((table) => lower(`${table.schema}.${table.name}`) === lower(name));
}

interface Tracing {
  request: TraceRequest;
  sql: string;
  schema: Schema;
}

/** Sources by output name; null where a name is given twice or its way is lost. */
function traceOutputs(
  polyglot: Polyglot,
  { request, sql, schema }: Tracing,
): Map<string, ColumnSource[] | null> {
  const found = new Map<string, ColumnSource[] | null>();
  for (let ordinal = 0; ordinal < MOST_OUTPUTS; ordinal++) {
    const { success, lineage, columnResolution } = polyglot.lineageAtWithSchema(
      ordinal,
      sql,
      schema,
      DIALECT,
    );
    if (!success || lineage === undefined) {
      if (columnResolution?.reason === 'not_found') break;
      if (ordinal >= request.outputs.length) break;
      continue;
    }
    const output = lower(outputName(lineage));
    const sources = new Sources(request);
    const whole = sources.follow(lineage, ['DIRECT IDENTITY'], new Set());
    found.set(output, whole && !found.has(output) ? sources.list() : null);
  }
  return found;
}

/** A set operation's outputs are called as in its first branch. */
function outputName({ name, downstream: [first] }: LineageNode): string {
  return first?.set_branch?.ordinal === 0 && /^_\d+$/.test(name) ? outputName(first) : name;
}

/** Beyond this many outputs nobody looks at single columns, and each costs a pass over the statement. */
const MOST_OUTPUTS = 1_000;

/** Collects the leaves of one output's tree. */
class Sources {
  readonly #request: TraceRequest;
  readonly #found = new Map<string, ColumnSource>();

  constructor(request: TraceRequest) {
    this.#request = request;
  }

  list(): ColumnSource[] {
    return [...this.#found.values()];
  }

  /** False where a way ends in something that is no column of a table. */
  follow(node: LineageNode, ways: Transformation[], parameters: ReadonlySet<string>): boolean {
    if (node.source_kind === 'table') return this.#take(node, ways, parameters);
    const uses = usesOf(node.expression);
    const own = new Set([...parameters, ...lambdaParameters(node.expression)]);
    if (node.downstream.length === 0)
      return uses.every(({ column }) => column !== null && own.has(lower(column.name)));
    return node.downstream.every((child) => {
      const steps = stepsTo(child, node, uses);
      return this.follow(
        child,
        [...new Set(ways.flatMap((way) => steps.map((step) => combine(way, step))))],
        own,
      );
    });
  }

  #take(node: LineageNode, ways: Transformation[], parameters: ReadonlySet<string>): boolean {
    const name = columnOf(node.expression as unknown as Record<string, unknown>)?.name ?? '';
    const table = findTable(this.#request.tables, node.source_name);
    const column = table?.columns?.find((one) => lower(one.name) === lower(name));
    if (table === undefined || column === undefined) return parameters.has(lower(name));
    const { input } = table;
    const key = `${input} ${column.name}`;
    const known = this.#found.get(key)?.transformations ?? [];
    const transformations = [...new Set([...known, ...ways])].sort();
    this.#found.set(key, { input, column: column.name, transformations });
    return true;
  }
}

/** What the expression of a node does with the values of one of its children. */
function stepsTo(child: LineageNode, node: LineageNode, uses: ReturnType<typeof usesOf>): Transformation[] {
  if (child.set_branch !== undefined) {
    const { operator, ordinal } = child.set_branch;
    return operator !== 'union' && ordinal > 0 ? ['INDIRECT FILTER'] : ['DIRECT IDENTITY'];
  }
  if (node.source_kind === 'virtual') return ['DIRECT TRANSFORMATION'];
  const isSubquery = child.source_kind === 'root';
  const name = lower(
    columnOf(child.expression as never)?.name ?? child.name.slice(child.name.lastIndexOf('.') + 1),
  );
  const qualifiers = new Set(
    ['', child.source_alias, lastPart(child.source_name), qualifierOf(child.name)].map((text) =>
      lower(text ?? ''),
    ),
  );
  const meant = uses.filter(({ column }) =>
    column === null
      ? isSubquery
      : !isSubquery && lower(column.name) === name && qualifiers.has(lower(column.table)),
  );
  if (meant.length > 0) return meant.map(({ transformation }) => transformation);
  // `OVER w` names a window that stands elsewhere: its columns come along without being written here.
  return namesWindow(node.expression) ? ['INDIRECT WINDOW'] : ['DIRECT TRANSFORMATION'];
}

function qualifierOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function namesWindow(expression: unknown): boolean {
  let names = false;
  eachNode(expression, (node) => {
    if (isNode(node['window_name'])) names = true;
  });
  return names;
}

function lambdaParameters(expression: unknown): string[] {
  const names: string[] = [];
  eachNode(expression, (node) => {
    const lambda = node['lambda'];
    if (!isNode(lambda) || !Array.isArray(lambda['parameters'])) return;
    names.push(...lambda['parameters'].map((parameter) => lower(nameOf(parameter))));
  });
  return names;
}

const ROW_EFFECTS: Record<string, IndirectKind> = {
  join: 'JOIN',
  filter: 'FILTER',
  having: 'FILTER',
  qualify: 'FILTER',
  set_operation_filter: 'FILTER',
  group: 'GROUP_BY',
  order: 'SORT',
  aggregate_order: 'SORT',
  window_partition: 'WINDOW',
  window_order: 'WINDOW',
  window_frame: 'WINDOW',
};

/** Columns that act on rows as a whole, where the library is certain of whose they are. */
function rowSources(request: TraceRequest, { columnUses }: QueryAnalysis): ColumnSource[] {
  const found = new Map<string, ColumnSource>();
  for (const { context, references } of columnUses ?? []) {
    const effect = ROW_EFFECTS[context];
    for (const reference of effect === undefined ? [] : references) {
      if (reference.confidence !== 'resolved' || reference.sourceKind !== 'table') continue;
      const table = findTable(request.tables, reference.table ?? reference.sourceName ?? '');
      const column = table?.columns?.find((one) => lower(one.name) === lower(reference.column));
      if (table === undefined || column === undefined) continue;
      const { input } = table;
      const key = `${input} ${column.name}`;
      const known = found.get(key)?.transformations ?? [];
      const transformations = [...new Set([...known, `INDIRECT ${effect!}` as const])].sort();
      found.set(key, { input, column: column.name, transformations });
    }
  }
  return [...found.values()];
}
