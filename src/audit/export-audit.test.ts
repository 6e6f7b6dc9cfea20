import { readFile } from 'node:fs/promises';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import type { Caller } from '../identity/caller.ts';
import { insertChange } from '../store/changes.ts';
import { CHAIN_START, type ChainLink, followChain } from './chain.ts';
import { exportAudit } from './export-audit.ts';
import { verifyAudit } from './verify-audit.ts';

let mesh: TestParts;
const administrator = callerOf('ada', [], true);
const steward = callerOf('sue', [{ id: 'dom_sales', name: 'sales', title: 'Sales', role: 'steward' }]);
const analyst = callerOf('ann', [{ id: 'dom_sales', name: 'sales', title: 'Sales', role: 'analyst' }]);

beforeAll(async () => {
  mesh = await openTestParts('audit/export');
  for (let row = 0; row < 30; row++) {
    await mesh.parts.database.transact((transaction) =>
      insertChange(transaction, {
        at: new Date(Date.UTC(2026, 10, 1 + row)),
        actor: 'usr_1',
        door: 'cli',
        requestId: `req_${row}`,
        action: 'domain.apply',
        object: 'dom',
        domainId: row % 3 === 0 ? 'dom_sales' : null,
        allowed: true,
        reasons: ['engineers apply their domain'],
        facts: { row },
      }),
    );
  }
});
afterAll(() => mesh.close());

async function exported(caller: Caller, input: object): Promise<Buffer> {
  const answer = await exportAudit.run(mesh.as(caller), exportAudit.input.parse(input));
  const bytes = await readFile(answer.path);
  await answer.dispose();
  return bytes;
}

async function linesFor(caller: Caller, input: object = {}) {
  const text = (await exported(caller, input)).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ChainLink & { domainId: string | null; facts: string });
}

test('the file alone proves that the audit is whole', async () => {
  const lines = await linesFor(administrator);
  expect(lines).toHaveLength(30);
  const { head, faults } = followChain(CHAIN_START, lines);
  const verified = await verifyAudit.run(mesh.as(administrator), {});
  expect({ head, faults }).toEqual({ head: verified.head, faults: [] });
  const one = lines[4]!;
  expect(JSON.parse(one.entry)).toMatchObject({ sequence: 5, facts: JSON.parse(one.facts) });
});

test('a steward gets the rows of their domain, from a moment on if they like; an analyst none', async () => {
  expect((await linesFor(steward)).map(({ domainId }) => domainId)).toEqual(Array(10).fill('dom_sales'));
  expect(await linesFor(steward, { since: '2026-11-16T00:00:00Z' })).toHaveLength(5);
  expect(await linesFor(analyst)).toEqual([]);
});

test('Parquet has the same rows', async () => {
  const answer = await exportAudit.run(mesh.as(administrator), { format: 'parquet' });
  const file = await asyncBufferFromFile(answer.path);
  const rows = await parquetReadObjects({ file, compressors });
  await answer.dispose();
  const lines = await linesFor(administrator);
  expect(rows.map(({ hash }) => hash)).toEqual(lines.map(({ hash }) => hash));
  expect(rows[2]).toMatchObject({ sequence: 3n, at: new Date('2026-11-03T00:00:00Z'), allowed: true });
});

test('only who may audit the mesh verifies it', async () => {
  await expect(verifyAudit.run(mesh.as(steward), {})).rejects.toMatchObject({ code: 'auth.forbidden' });
});
