import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/fixtures/database.ts';
import { insertChange } from '../store/changes.ts';
import type { Database, Transaction } from '../store/database.ts';
import { type ChainHead, linkHash } from './chain.ts';
import { listLinks, readChainHead } from './store.ts';
import { verifyChain } from './verify-audit.ts';

let database: Database;
const ROWS = 60;

beforeAll(async () => {
  database = await testDatabase('audit/verify');
  for (let row = 0; row < ROWS; row += 2) {
    await database.transact(async (transaction) => {
      await record(transaction, row);
      await record(transaction, row + 1);
    });
  }
});
afterAll(() => database.close());

function record(transaction: Transaction, row: number): Promise<void> {
  return insertChange(transaction, {
    at: new Date(Date.UTC(2026, 10, 1, 0, 0, row)),
    actor: `usr_${row % 3}`,
    door: 'rest',
    requestId: `req_${row}`,
    action: 'subscription.approve',
    object: `sub_${row}`,
    domainId: row % 5 === 0 ? null : 'dom_sales',
    allowed: row % 4 !== 0,
    reasons: ['stewards approve — "naïve"\\'],
    facts: { z: row, a: [1, null, { deep: 'ü' }], amount: '10.50' },
    ...(row % 2 === 0 ? {} : { address: '192.0.2.7', policies: 'ab'.repeat(32) }),
  });
}

const signal = new AbortController().signal;
const verify = (reader = database.reader, noted: ChainHead | null = null) =>
  verifyChain(reader, { noted, signal });

test('an audit that nobody touched is intact, and as long as what was written', async () => {
  const { intact, rows, faults, head } = await verify();
  expect(faults).toEqual([]);
  expect({ intact, rows, end: head.sequence }).toEqual({ intact: true, rows: ROWS, end: ROWS });
});

test('transactions that commit together are links of one chain', async () => {
  const before = (await verify()).rows;
  const all = Array.from({ length: 20 }, (_, row) =>
    database.transact((transaction) => record(transaction, 1_000 + row)),
  );
  await Promise.all(all);
  expect(await verify()).toMatchObject({ intact: true, rows: before + 20, faults: [] });
});

test('what is rolled back leaves no gap', async () => {
  const before = (await verify()).rows;
  const failing = database.transact(async (transaction) => {
    await record(transaction, 2_000);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await database.transact((transaction) => record(transaction, 2_001));
  expect(await verify()).toMatchObject({ intact: true, rows: before + 1 });
});

test.each(['UPDATE changes SET object = $$else$$', 'DELETE FROM changes', 'TRUNCATE changes'])(
  'the database refuses to change what is written: %s',
  async (statement) => {
    await expect(sql.raw(statement).execute(database.reader)).rejects.toThrow('append-only');
    expect((await verify()).intact).toBe(true);
  },
);

/** What somebody with the database's own rights could do; each leaves the rest of the table as it is. */
const TAMPERINGS: ((place: number) => string | string[])[] = [
  (place) => `UPDATE changes SET object = object || 'x' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET allowed = NOT allowed WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET at = at + interval '1 microsecond' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET facts = facts || '{"z": -1}' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET reasons = '[]' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET domain_id = 'dom_else' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET actor = 'usr_else' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET address = '192.0.2.8' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET policies = 'cd' WHERE sequence = ${place}`,
  (place) => `UPDATE changes SET hash = repeat('a', 64) WHERE sequence = ${place}`,
  (place) => `DELETE FROM changes WHERE sequence = ${place}`,
  (place) => `DELETE FROM changes WHERE sequence >= ${place}`,
  // A row in the place of another, with a hash that fits it.
  (place) => `UPDATE changes SET actor = 'usr_else',
      hash = encode(sha256(convert_to((SELECT hash FROM changes b WHERE b.sequence = ${place - 1})
        || audit_entry((changes.id, changes.at, 'usr_else', changes.door, changes.request_id, changes.action,
          changes.object, changes.domain_id, changes.allowed, changes.reasons, changes.facts,
          changes.sequence, changes.hash, changes.address, changes.policies), ${place}), 'UTF8')), 'hex') WHERE sequence = ${place}`,
  (place) => [
    `UPDATE changes SET sequence = -1 WHERE sequence = ${place}`,
    `UPDATE changes SET sequence = ${place} WHERE sequence = ${place - 1}`,
    `UPDATE changes SET sequence = ${place - 1} WHERE sequence = -1`,
  ],
  () => `INSERT INTO changes (at, actor, door, request_id, action, object, allowed, reasons, facts)
    VALUES (now(), 'usr_else', 'rest', 'r', 'product.publish', 'prd_1', true, '[]', '{}')`,
  (place) => `UPDATE audit_chain SET sequence = ${place - 1},
    hash = (SELECT hash FROM changes WHERE sequence = ${place - 1})`,
  () => `UPDATE audit_chain SET hash = repeat('b', 64)`,
];

class Undo extends Error {}

/** Verifies after `statements`, run with all triggers off, and takes them back. */
async function verifyAfter(statements: string[], noted: ChainHead | null = null) {
  let answer: Awaited<ReturnType<typeof verify>> | undefined;
  await database
    .transact(async (transaction) => {
      await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
      for (const statement of statements) await sql.raw(statement).execute(transaction);
      answer = await verify(transaction, noted);
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  return answer!;
}

test('100 random tamperings, 100 found, each at its place or before it', async () => {
  for (let round = 0; round < 100; round++) {
    const tampering = TAMPERINGS[round % TAMPERINGS.length]!;
    const place = 2 + Math.floor(Math.random() * (ROWS - 2));
    const { intact, faults } = await verifyAfter([tampering(place)].flat());
    expect([tampering(place), intact]).toEqual([tampering(place), false]);
    expect(faults.length).toBeGreaterThan(0);
  }
  expect((await verify()).intact).toBe(true);
});

test('a whole new chain does not contain the head that was noted elsewhere', async () => {
  const noted = await readChainHead(database.reader);
  const links = await listLinks(database.reader, { after: 0, upTo: noted.sequence, limit: 10_000 });
  let previous = '0'.repeat(64);
  const statements: string[] = [`UPDATE changes SET actor = 'usr_else' WHERE sequence = 3`];
  for (const { sequence, entry } of links) {
    const altered = sequence === 3 ? entry.replace(/"actor": "[^"]*"/, '"actor": "usr_else"') : entry;
    previous = linkHash(previous, altered);
    statements.push(`UPDATE changes SET hash = '${previous}' WHERE sequence = ${sequence}`);
  }
  statements.push(`UPDATE audit_chain SET hash = '${previous}'`);
  expect((await verifyAfter(statements)).intact).toBe(true);
  const { faults } = await verifyAfter(statements, noted);
  expect(faults).toEqual([
    { sequence: noted.sequence, message: 'the noted head is not part of the chain any more' },
  ]);
});
