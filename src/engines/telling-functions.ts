import { MeshError } from '../base/errors.ts';
import type { GuardedQuery } from './parse-sql.ts';

/**
 * Functions that DuckDB takes for unable to fail and that do fail on extreme values. Such a function of one
 * column may be worked out once for each entry of the column's dictionary in the file, entries of hidden rows
 * among them: its failure would tell of a row that a view hides, and no barrier is in between. Found by trying
 * every allowed function on extreme values in hidden rows (`telling-functions.test.ts` does it again).
 */
export const TELLING_FUNCTIONS: ReadonlySet<string> = new Set([
  'chr',
  'days_in_month',
  'epoch_ms',
  'epoch_ns',
  'epoch_us',
  'last_day',
  'make_timestamp_ms',
  'make_timestamp_ns',
  'to_timestamp',
]);

const TELLING_CASTS: ReadonlySet<string> = new Set(['TIME WITH TIME ZONE', 'TIMETZ']);

/**
 * For statements over views that hide rows.
 * @throws MeshError `query.function-tells`
 */
export function refuseTelling({ functions, tree }: Pick<GuardedQuery, 'functions' | 'tree'>): void {
  const named = functions.find((name) => TELLING_FUNCTIONS.has(name)) ?? findTellingCast(tree);
  if (named !== undefined) throw new MeshError('query.function-tells', { facts: { function: named } });
}

function findTellingCast(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const node = value as Record<string, unknown>;
  const type = String((node['cast_type'] as { id?: unknown } | undefined)?.id ?? '');
  if (TELLING_CASTS.has(type) && node['try_cast'] !== true) return `CAST AS ${type}`;
  for (const inner of Object.values(node)) {
    const found = findTellingCast(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
