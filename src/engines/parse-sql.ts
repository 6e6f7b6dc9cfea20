import type { DuckDBConnection } from '@duckdb/node-api';
import { MeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { parseText, type ParseFailure } from './duckdb-database.ts';
import type { ParsedQuery } from './engine.ts';
import { GUARD_LIMITS, guardSql } from './guard-sql.ts';

/** A guarded statement with the tree it was guarded by. */
export interface GuardedQuery extends ParsedQuery {
  tree: unknown;
}

/**
 * From the consumer's text to a guarded canonical statement.
 * @throws MeshError `query.*`
 */
export async function parseSql(connection: DuckDBConnection, sql: string): Promise<GuardedQuery> {
  checkText(sql);
  const parsed = await parseOrFail(connection, sql);
  if ('failure' in parsed) throw parseError(sql, parsed);
  const tree: unknown = JSON.parse(parsed.tree);
  return { canonical: parsed.canonical, tree, ...guardSql(tree) };
}

async function parseOrFail(connection: DuckDBConnection, sql: string) {
  try {
    return await parseText(connection, sql);
  } catch (error) {
    // The parser's own limits (depth, memory) end here; the text is the caller's, nothing to hide from it.
    const text = error instanceof Error ? error.message : String(error);
    if (/^Out of Memory|bad_alloc/i.test(text)) throw error;
    if (/no statements/i.test(text)) throw new MeshError('query.not-select');
    if (/property '\w+' expected type/.test(text)) {
      throw new MeshError('query.syntax', { facts: { reason: 'a number is too large' }, detail: text });
    }
    throw new MeshError('query.syntax', { facts: { reason: firstLine(text) }, detail: text });
  }
}

/** Before any parser sees it. A NUL would end the text for C code and not for us. */
function checkText(sql: string): void {
  if (Buffer.byteLength(sql) > LIMITS.sqlBytes) {
    throw new MeshError('query.too-complex', { facts: { limit: `${LIMITS.sqlBytes} bytes` } });
  }
  if (sql.includes('\0'))
    throw new MeshError('query.syntax', { facts: { reason: 'the text holds a NUL character' } });
  if (!sql.isWellFormed())
    throw new MeshError('query.syntax', { facts: { reason: 'the text is not valid Unicode' } });
  let depth = 0;
  for (const character of sql) {
    if (character === '(' || character === '[' || character === '{') depth++;
    else if (character === ')' || character === ']' || character === '}') depth--;
    if (depth > GUARD_LIMITS.depth) {
      throw new MeshError('query.too-complex', { facts: { limit: `${GUARD_LIMITS.depth} open brackets` } });
    }
  }
}

function parseError(sql: string, { failure, kind, position }: ParseFailure): MeshError {
  if (kind === 'not implemented') {
    return /\bpivot(_wider)?\b/i.test(sql)
      ? new MeshError('query.pivot-needs-in')
      : new MeshError('query.not-select');
  }
  if (/^PIVOT statements? with pivot elements/i.test(failure)) return new MeshError('query.pivot-needs-in');
  const reason = firstLine(failure);
  if (position === null) return new MeshError('query.syntax', { facts: { reason } });
  const { line, column } = placeOf(sql, position);
  const place = `${line}:${column}`;
  return new MeshError('query.syntax', {
    facts: { reason: `${reason} (line ${line}, column ${column})` },
    problems: [{ message: reason, place }],
  });
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/^[A-Za-z ]+ Error: /, '').slice(0, 300);
}

/** Line and column, both from 1, of an offset in code points, as DuckDB counts. */
function placeOf(sql: string, position: number): { line: number; column: number } {
  const before = [...sql].slice(0, position).join('');
  const lines = before.split('\n');
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}
