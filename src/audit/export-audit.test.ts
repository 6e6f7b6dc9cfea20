import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import type { Caller } from '../identity/caller.ts';
import { insertChange } from '../store/changes.ts';
import { CHAIN_START, type ChainLink, followChain } from './chain.ts';
import { writeChainFiles } from './chain-files/write-chain-files.ts';
import { exportAudit } from './export-audit.ts';
import { verifyAudit } from './verify-audit.ts';

let mesh: TestParts;
/** Where the chain stands as the source of the domain `mesh`. */
let folder: string;
const administrator = callerOf('ada', [], true);
const steward = callerOf('sue', [{ id: 'dom_sales', name: 'sales', title: 'Sales', role: 'steward' }]);
const analyst = callerOf('ann', [{ id: 'dom_sales', name: 'sales', title: 'Sales', role: 'analyst' }]);

beforeAll(async () => {
  mesh = await openTestParts('audit/export');
  folder = join(mesh.parts.settings.chainFolder, 'mesh');
  await addRows(0, 30);
});
afterAll(() => mesh.close());

async function addRows(first: number, end: number): Promise<void> {
  for (let row = first; row < end; row++) {
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
}

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

async function chainRows(): Promise<Record<string, unknown>[]> {
  const names = (await readdir(folder)).sort();
  const all = await Promise.all(
    names.map(async (name) => {
      const file = await asyncBufferFromFile(join(folder, name));
      return parquetReadObjects({ file, compressors });
    }),
  );
  return all.flat();
}

const sequences = async () => (await chainRows()).map(({ sequence }) => Number(sequence));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('the files of the chain are the chain, in files of so many rows', async () => {
  await writeChainFiles(mesh.parts, undefined, 12);
  expect(await readdir(folder)).toHaveLength(3);
  expect(await sequences()).toEqual(upTo(30));
  const lines = await linesFor(administrator);
  const rows = await chainRows();
  expect(rows.map(({ hash }) => hash)).toEqual(lines.map(({ hash }) => hash));
  expect(rows[0]).toMatchObject({ allowed: true, reasons: ['engineers apply their domain'], domain: null });
});

test('full files stay, the last one grows', async () => {
  const before = await readdir(folder);
  await addRows(30, 31);
  await writeChainFiles(mesh.parts, undefined, 12);
  const after = await readdir(folder);
  expect(after.filter((name) => before.includes(name))).toHaveLength(2);
  expect(await sequences()).toEqual(upTo(31));
});

test('stopped in the middle they are begun again; what another chain left goes', async () => {
  await addRows(31, 50);
  const { engine } = mesh.parts;
  let runs = 0;
  const dying: typeof engine = {
    parse: (...given) => engine.parse(...given),
    run: (...given) => (++runs === 2 ? Promise.reject(new Error('killed')) : engine.run(...given)),
    close: () => Promise.resolve(),
  };
  await expect(writeChainFiles({ ...mesh.parts, engine: dying }, undefined, 12)).rejects.toThrow('killed');
  const [some] = await readdir(folder);
  await copyFile(join(folder, some!), join(folder, 'changes-000000000013-0123456789abcdef.parquet'));
  await writeChainFiles(mesh.parts, undefined, 12);
  expect(await sequences()).toEqual(upTo(50));
});

test('only who may audit the mesh verifies it', async () => {
  await expect(verifyAudit.run(mesh.as(steward), {})).rejects.toMatchObject({ code: 'auth.forbidden' });
});
