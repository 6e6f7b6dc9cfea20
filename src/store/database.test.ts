import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/fixtures/database.ts';
import { afterCommit, type Database, isUniqueViolation, json, type Transaction } from './database.ts';
import { migrate } from './migrations.ts';
import { comeIn, listTakenJobs } from './presence.ts';
import { openQueue } from './queue.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase('store/database');
});
afterAll(() => database.close());

function insertDomain(transaction: Transaction, name: string) {
  const at = new Date('2026-11-01T00:00:00Z');
  return transaction
    .insertInto('domains')
    .values({
      id: `dom_${name}`,
      name,
      title: name,
      description: '',
      document: json({ list: ['a', 'b'], text: "it's" }),
      text: '',
      created_at: at,
      updated_at: at,
    })
    .execute();
}

const names = async (): Promise<string[]> =>
  (await database.reader.selectFrom('domains').select('name').orderBy('name').execute()).map(
    (row) => row.name,
  );

test('a transaction that throws leaves nothing behind', async () => {
  const failing = database.transact(async (transaction) => {
    await insertDomain(transaction, 'ghost');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await names()).not.toContain('ghost');
});

test('a transaction that meets a key made since it looked looks again', async () => {
  let looks = 0;
  await database.transact(async (transaction) => {
    // The first look does not see what another transaction makes after it: here, the second of the two.
    looks++;
    const known = transaction.selectFrom('domains').select('id').where('name', '=', 'raced');
    if ((await known.executeTakeFirst()) === undefined) await insertDomain(transaction, 'raced');
    if (looks === 1) await insertDomain(transaction, 'raced');
  });
  expect(looks).toBe(2);
  expect((await names()).filter((name) => name === 'raced')).toHaveLength(1);
});

test('of the database that others share it looks at its own tables alone', async () => {
  const other = `${database.schema}_other`;
  await sql`CREATE SCHEMA ${sql.id(other)}`.execute(database.reader);
  await sql`CREATE TABLE ${sql.id(other, 'theirs')} (n integer)`.execute(database.reader);
  const found = await database.reader.introspection.getTables({ withInternalKyselyTables: true });
  expect(new Set(found.map(({ schema }) => schema))).toEqual(new Set([database.schema]));
  expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(['domains', 'kysely_migration']));
  await sql`DROP SCHEMA ${sql.id(other)} CASCADE`.execute(database.reader);
});

test('a read beside an open transaction does not see it, nor does it join it', async () => {
  const opened = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const writing = database.transact(async (transaction) => {
    await insertDomain(transaction, 'later');
    opened.resolve();
    await finish.promise;
    throw new Error('rolled back');
  });
  await opened.promise;
  const beside = names();
  setTimeout(finish.resolve, 20);
  await expect(writing).rejects.toThrow('rolled back');
  expect(await beside).not.toContain('later');
});

test('transactions that start together all commit', async () => {
  const all = Array.from({ length: 20 }, (_, index) =>
    database.transact((transaction) => insertDomain(transaction, `together-${index}`)),
  );
  await Promise.all(all);
  expect((await names()).filter((name) => name.startsWith('together-'))).toHaveLength(20);
});

test('json columns give back what was written, and times are dates', async () => {
  await database.transact((transaction) => insertDomain(transaction, 'json'));
  const row = await database.reader
    .selectFrom('domains')
    .selectAll()
    .where('name', '=', 'json')
    .executeTakeFirstOrThrow();
  expect(row.document).toEqual({ list: ['a', 'b'], text: "it's" });
  expect(row.created_at.toISOString()).toBe('2026-11-01T00:00:00.000Z');
});

test('a second row of one name is a unique violation', async () => {
  await database.transact((transaction) => insertDomain(transaction, 'once'));
  const again = database.transact((transaction) => insertDomain(transaction, 'once'));
  await expect(again).rejects.toSatisfy((error) => isUniqueViolation(error));
});

test('migrating twice changes nothing', async () => {
  await migrate(database.reader, database.schema);
  expect(await names()).toContain('once');
});

test('a job is queued exactly if its transaction commits, and runs once', async () => {
  const queue = await openQueue(database);
  const seen: string[] = [];
  const done = Promise.withResolvers<void>();
  const lost = database.transact(async (transaction) => {
    await queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId: 'run_lost' } });
    throw new Error('rolled back');
  });
  await expect(lost).rejects.toThrow('rolled back');
  await database.transact((transaction) =>
    queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId: 'run_kept' } }),
  );
  await queue.work('run-pipeline', async (call) => {
    seen.push(call.data.runId);
    done.resolve();
  });
  await done.promise;
  await queue.close();
  expect(seen).toEqual(['run_kept']);
});

/** What a killed server leaves behind: a job that is taken, here after so many tries. */
async function takeJob(runId: string, tries: number): Promise<void> {
  const queue = await openQueue(database);
  await database.transact((transaction) =>
    queue.enqueue(transaction, { kind: 'run-pipeline', data: { runId } }),
  );
  await queue.close();
  const taken = await sql`
    UPDATE ${sql.table(`${database.schema}_jobs.job`)}
    SET state = 'active', started_on = now(), heartbeat_on = now(), retry_count = ${tries}
    WHERE data->>'runId' = ${runId}`.execute(database.reader);
  expect(taken.numAffectedRows).toBe(1n);
}

test('a job that a killed server had taken runs again as soon as one comes', async () => {
  await takeJob('run_killed', 0);
  const queue = await openQueue(database);
  const again = await new Promise((resolve) =>
    queue.work('run-pipeline', async ({ data }) => resolve(data.runId)),
  );
  await queue.close();
  expect(again).toBe('run_killed');
});

test('while another server lives, its jobs are left to it', async () => {
  if (database.kind === 'embedded') return;
  await takeJob('run_elsewhere', 0);
  const living = await comeIn(database);
  await living.settle();
  const queue = await openQueue(database);
  const taken = await listTakenJobs(database.reader, `${database.schema}_jobs`);
  expect(taken.get('run-pipeline')).toHaveLength(1);
  await queue.close();
  await living.leave();
  await (await openQueue(database)).close();
  expect((await listTakenJobs(database.reader, `${database.schema}_jobs`)).size).toBe(0);
});

test('a job that kills every server is given up, and who waits for it is told', async () => {
  await takeJob('run_deadly', 10);
  const queue = await openQueue(database);
  const abandoned = await new Promise((resolve) =>
    queue.work('abandon-run', async ({ data }) => resolve(data.runId)),
  );
  await queue.close();
  expect(abandoned).toBe('run_deadly');
});

test('what is to be done after the commit is done once, and not for what was rolled back', async () => {
  const done: string[] = [];
  await database.transact(async (transaction) => {
    afterCommit(transaction, () => done.push('kept'));
    expect(done).toEqual([]);
  });
  const failing = database.transact(async (transaction) => {
    afterCommit(transaction, () => done.push('lost'));
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(done).toEqual(['kept']);
});
