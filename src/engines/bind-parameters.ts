import type { DuckDBConnection } from '@duckdb/node-api';
import { type DataType, duckdbType } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { Bindings } from './engine.ts';

/**
 * The statement with its named parameters as literals. They are put into DuckDB's syntax tree, never into the
 * text: a value cannot become SQL. A text that does not parse comes back as it is, for its error to be told
 * with its place.
 * @throws MeshError `pipeline.parameter-undeclared` for a `$name` without a value
 */
export async function bindParameters(
  connection: DuckDBConnection,
  sql: string,
  bindings: Bindings,
): Promise<string> {
  const reader = await connection
    .runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)::VARCHAR', [sql])
    .catch(() => null);
  const text = reader === null ? '' : String(reader.value(0, 0));
  if (!text.includes(PARAMETER)) return sql;
  const bound = JSON.stringify(bindTree(parseExactly(text), bindings));
  const answer = await connection.runAndReadAll('SELECT json_deserialize_sql($1::VARCHAR::JSON)', [bound]);
  return String(answer.value(0, 0));
}

const PARAMETER = '"VALUE_PARAMETER"';

/** Numbers that JavaScript would write otherwise (above 2^53, `1.0`) pass through as they are. */
function parseExactly(text: string): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(source: string): unknown };
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && String(value) !== context!.source ? rawJSON(context!.source!) : value;
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]);
}

function bindTree(value: unknown, bindings: Bindings): unknown {
  if (Array.isArray(value)) return value.map((item) => bindTree(item, bindings));
  if (value === null || typeof value !== 'object' || isRaw(value)) return value;
  const node = value as Record<string, unknown>;
  if (node['class'] === 'PARAMETER') return literalOf(node, bindings);
  return Object.fromEntries(
    Object.entries(node).map(([name, inside]) => [
      name,
      name === 'named_param_map' ? [] : bindTree(inside, bindings),
    ]),
  );
}

function isRaw(value: object): boolean {
  return (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value);
}

/** `CAST('value' AS type)` in the place of `$name`. */
function literalOf(node: Record<string, unknown>, bindings: Bindings): unknown {
  const name = String(node['identifier']).toLowerCase();
  const binding = Object.hasOwn(bindings, name) ? bindings[name] : undefined;
  if (binding === undefined) throw new MeshError('pipeline.parameter-undeclared', { facts: { name } });
  const { alias, query_location } = node;
  const { type, value } = binding;
  const constant = {
    type: { id: 'VARCHAR', type_info: null },
    is_null: value === null,
    ...(value === null ? {} : { value }),
  };
  return {
    class: 'CAST',
    type: 'OPERATOR_CAST',
    alias,
    query_location,
    child: { class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', query_location, value: constant },
    cast_type: typeNode(type),
    try_cast: false,
  };
}

function typeNode(type: DataType): unknown {
  if (type.kind !== 'decimal') return { id: duckdbType(type), type_info: null };
  const { precision: width, scale } = type;
  const info = { type: 'DECIMAL_TYPE_INFO', alias: '', extension_info: null, width, scale };
  return { id: 'DECIMAL', type_info: info };
}
