import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestParts, type TestParts } from '../../../test/fixtures/context.ts';
import { insertChange } from '../../store/changes.ts';
import { writeChainFiles } from './write-chain-files.ts';

let mesh: TestParts;
let folder: string;

beforeAll(async () => {
  mesh = await openTestParts('audit/chain-files');
  folder = join(mesh.parts.settings.chainFolder, 'mesh');
});
afterAll(() => mesh.close());

async function addRows(count: number): Promise<void> {
  for (let row = 0; row < count; row++) {
    await mesh.parts.database.transact((transaction) =>
      insertChange(transaction, {
        at: mesh.clock.now(),
        actor: 'usr_1',
        door: 'cli',
        requestId: `req_${row}`,
        action: 'domain.apply',
        object: 'dom',
        domainId: null,
        allowed: row % 2 === 0,
        reasons: ['engineers apply their domain', 'a second'],
        facts: { row },
      }),
    );
  }
}

async function rowsOf(names: string[]): Promise<Record<string, unknown>[]> {
  const all = await Promise.all(
    names.map(async (name) => {
      const file = await asyncBufferFromFile(join(folder, name));
      return parquetReadObjects({ file, compressors });
    }),
  );
  return all.flat();
}

const sequencesOf = async () =>
  (await rowsOf((await readdir(folder)).sort())).map(({ sequence }) => Number(sequence));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('the files are the chain, in files of so many rows', async () => {
  await addRows(7);
  await writeChainFiles(mesh.parts, undefined, 3);
  expect(await readdir(folder)).toHaveLength(3);
  expect(await sequencesOf()).toEqual(upTo(7));
  const [first] = await rowsOf((await readdir(folder)).sort());
  expect(first).toMatchObject({ allowed: true, reasons: ['engineers apply their domain', 'a second'] });
});

test('full files stay, the last one grows', async () => {
  const before = await readdir(folder);
  await addRows(1);
  await writeChainFiles(mesh.parts, undefined, 3);
  const after = await readdir(folder);
  expect(after.filter((name) => before.includes(name))).toHaveLength(2);
  expect(await sequencesOf()).toEqual(upTo(8));
});

test('stopped in the middle, it is begun again; what another chain left goes', async () => {
  await addRows(5);
  const { engine } = mesh.parts;
  let runs = 0;
  const failing = {
    ...mesh.parts,
    engine: {
      ...engine,
      run: (...given: Parameters<typeof engine.run>) =>
        ++runs === 2 ? Promise.reject(new Error('killed')) : engine.run(...given),
    } as typeof engine,
  };
  await expect(writeChainFiles(failing, undefined, 3)).rejects.toThrow('killed');
  const [some] = await readdir(folder);
  await copyFile(join(folder, some!), join(folder, 'changes-000000000004-0123456789abcdef.parquet'));
  await writeChainFiles(mesh.parts, undefined, 3);
  expect(await sequencesOf()).toEqual(upTo(13));
});
