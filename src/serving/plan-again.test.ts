import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MeshError } from '../base/errors.ts';
import { planAgain } from './plan-again.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-plan-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A dataset of one file, whose file another one takes the place of just before the first answer. */
async function answered(loss: 'file' | 'nothing', error = new MeshError('internal')): Promise<number> {
  let plans = 0;
  await writeFile(join(folder, 'file-1'), '');
  await writeFile(join(folder, 'file-2'), '');
  return planAgain(
    async () => ({ files: [join(folder, `file-${++plans}`)], number: plans }),
    async ({ files, number }) => {
      if (number === 2) return number;
      if (loss === 'file') await rm(files[0]!);
      throw error;
    },
  );
}

test('who was planned on a file that is gone is planned once more', async () => {
  expect(await answered('file')).toBe(2);
  expect(await answered('nothing', new MeshError('lake.object-missing', { facts: { key: 'm' } }))).toBe(2);
});

test('what fails with all its files there fails', async () => {
  await expect(answered('nothing')).rejects.toMatchObject({ code: 'internal' });
});
