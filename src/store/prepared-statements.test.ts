import { PGlite } from '@electric-sql/pglite';
import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExclusivePGliteDialect } from './pglite-dialect.ts';

let pglite: PGlite;
let database: Kysely<Record<string, never>>;

beforeAll(async () => {
  pglite = await PGlite.create();
  database = new Kysely({ dialect: new ExclusivePGliteDialect(pglite) });
  await sql`CREATE TABLE things (id int PRIMARY KEY, name text, at timestamptz, more jsonb, tags text[])`.execute(
    database,
  );
});
afterAll(() => database.destroy());

/** Statements that the database keeps a plan of. */
async function kept(): Promise<string[]> {
  const { rows } = await pglite.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements');
  return rows.map(({ statement }) => statement);
}

const add = (id: number, name: string | null) => {
  const at = new Date('2026-11-01T00:00:00Z');
  return sql`INSERT INTO things VALUES (${id}, ${name}, ${at}, ${JSON.stringify({ id })}::jsonb, ${['a', name ?? 'none']})`.execute(
    database,
  );
};
const byId = (id: number) => sql`SELECT * FROM things WHERE id = ${id}`.execute(database);

test('from the second time on a statement keeps its plan, and answers as before', async () => {
  for (const id of [1, 2, 3]) {
    expect((await add(id, id === 2 ? null : `it's ${id}`)).numAffectedRows).toBe(1n);
  }
  const answers = [];
  for (let round = 0; round < 8; round++) answers.push((await byId(2)).rows);
  expect(new Set(answers.map((rows) => JSON.stringify(rows))).size).toBe(1);
  expect(answers[7]).toEqual([
    { id: 2, name: null, at: new Date('2026-11-01T00:00:00Z'), more: { id: 2 }, tags: ['a', 'none'] },
  ]);
  expect((await kept()).filter((text) => text.startsWith('SELECT * FROM things'))).toHaveLength(1);
});

test('a statement that fails says why, and neither it nor the next is lost', async () => {
  const ratio = (below: number) => sql`SELECT 6 / ${below}::int AS ratio`.execute(database);
  for (let round = 0; round < 3; round++) {
    expect((await ratio(2)).rows).toEqual([{ ratio: 3 }]);
    await expect(ratio(0)).rejects.toMatchObject({ code: '22012' });
  }
  expect((await ratio(3)).rows).toEqual([{ ratio: 2 }]);
});

test('in a transaction plans are kept too, and see what it wrote', async () => {
  const undone = database.transaction().execute(async (transaction) => {
    for (const id of [11, 12, 13]) {
      await sql`INSERT INTO things (id) VALUES (${id})`.execute(transaction);
      const { rows } = await sql`SELECT id FROM things WHERE id = ${id}`.execute(transaction);
      expect(rows).toEqual([{ id }]);
    }
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  expect((await byId(12)).rows).toEqual([]);
});

test('a write whose partial index is named by a parameter goes on finding it', async () => {
  await sql`CREATE TABLE notes (owner text, state text)`.execute(database);
  await sql`CREATE UNIQUE INDEX notes_open ON notes (owner) WHERE state = 'open'`.execute(database);
  const note = () =>
    sql`INSERT INTO notes VALUES (${'me'}, ${'open'}) ON CONFLICT (owner) WHERE state = ${'open'} DO NOTHING`.execute(
      database,
    );
  for (let round = 0; round < 10; round++) await note();
  expect((await sql`SELECT * FROM notes`.execute(database)).rows).toHaveLength(1);
});

test('a change of the schema ends the plans that were made before it', async () => {
  await byId(1);
  await sql`ALTER TABLE things ADD COLUMN later int`.execute(database);
  for (let round = 0; round < 3; round++) expect((await byId(1)).rows[0]).toHaveProperty('later', null);
});

test('no more plans are kept than the limit', async () => {
  for (let width = 1; width <= 320; width++) {
    for (let round = 0; round < 2; round++) await sql.raw(`SELECT ${width} AS n, 'many'`).execute(database);
  }
  const many = (await kept()).filter((text) => text.includes("'many'"));
  expect(many.length).toBeLessThanOrEqual(300);
  expect(many).toContain("SELECT 320 AS n, 'many'");
});
