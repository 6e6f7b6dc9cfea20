import { afterAll, beforeAll, expect, test } from 'vitest';
import { CANARY, makeWorld, type GovernedWorld } from '../../test/fixtures/queries/governed-world.ts';
import { BOMBS, HOSTILE_QUERIES } from '../../test/fixtures/queries/hostile.ts';
import { startTestPool } from '../../test/fixtures/queries/test-pool.ts';
import { MeshError } from '../base/errors.ts';
import type { DuckdbPool } from './duckdb-pool.ts';

let secret: GovernedWorld;
let plain: GovernedWorld;
let pool: DuckdbPool;

beforeAll(async () => {
  [secret, plain] = [await makeWorld('with-secrets'), await makeWorld('without-secrets')];
  pool = startTestPool();
});

afterAll(async () => {
  await pool.close();
  await Promise.all([secret.remove(), plain.remove()]);
});

/** Everything a caller can see of one query: answer, or code, sentence, facts, problems and fix. */
async function ask(world: GovernedWorld, sql: string, timeoutMs = 20_000) {
  const task = { relations: world.relations, files: world.files, timeoutMs, memoryBytes: 256 * 1024 * 1024 };
  try {
    const { rows, columns } = await pool.run({
      ...task,
      sql: sql.replaceAll('${file}', world.files[0]!),
      output: { kind: 'rows', maxRows: 1_000 },
    });
    return { code: 'ok', seen: JSON.stringify([columns, rows]) };
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    const { code, message, facts, problems, fix } = error;
    return { code, seen: JSON.stringify([message, facts, problems, fix]) };
  }
}

const outcome = (seen: string, world: GovernedWorld) => seen.replaceAll(world.folder, '<folder>');

/** A caller may see again what it wrote itself. */
const withoutOwnWords = (seen: string, sql: string, world: GovernedWorld) => {
  if (!CANARY.test(sql) && !sql.includes('${file}')) return seen;
  const own = sql.replaceAll('${file}', world.files[0]!).match(/[\w'./-]*(canary|7331733)[\w'./-]*/gi) ?? [];
  return own.reduce((text, word) => text.replaceAll(word.replaceAll("'", ''), '<own>'), seen);
};

test('the corpus is as large as promised and no query is in it twice', () => {
  expect(HOSTILE_QUERIES.length).toBeGreaterThanOrEqual(150);
  expect(new Set(HOSTILE_QUERIES.map((query) => query.sql)).size).toBe(HOSTILE_QUERIES.length);
});

test.each(
  HOSTILE_QUERIES.map(({ why, sql, refused }) => [why, sql.slice(0, 150), { sql, refused }] as const),
)('%s: %s', async (_why, _title, { sql, refused }) => {
  const [seen, expected] = await Promise.all([ask(secret, sql), ask(plain, sql)]);
  if (refused) expect(seen.code, seen.seen).toBe(refused);
  expect(seen.code).not.toBe('internal');
  expect(withoutOwnWords(seen.seen, sql, secret)).not.toMatch(CANARY);
  expect(outcome(seen.seen, secret)).toBe(outcome(expected.seen, plain));
  expect(seen.code).toBe(expected.code);
});

test('queries that would take the machine end, and the pool goes on', async () => {
  const outcomes = await Promise.all(BOMBS.map((sql) => ask(secret, sql, 700)));
  for (const [at, { code }] of outcomes.entries()) {
    expect(
      ['ok', 'query.timeout', 'query.killed', 'query.out-of-memory', 'query.failed', 'query.out-of-disk'],
      BOMBS[at],
    ).toContain(code);
  }
  expect(await ask(secret, 'SELECT count(*) FROM sales.sell_out')).toMatchObject({ code: 'ok' });
});
