import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lockFolder, successorOf } from './folder-lock.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'crossdock-lock-'));

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('a folder in use is refused with the holder’s pid', async () => {
  const folder = await newFolder();
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'store.locked',
    facts: { folder, pid: process.pid },
  });
  await lock.release();
});

test('a released folder can be locked again', async () => {
  const folder = await newFolder();
  await (await lockFolder(folder)).release();
  await (await lockFolder(folder)).release();
});

test.each([
  ['a dead process', async () => JSON.stringify({ pid: await deadPid(), startedAt: null })],
  ['an older process of the same pid', async () => JSON.stringify({ pid: process.pid, startedAt: '1' })],
  ['half a write', async () => '{"pi'],
])('the lock of %s is taken over', async (_who, content) => {
  const folder = await newFolder();
  await writeFile(join(folder, 'lock'), await content());
  const lock = await lockFolder(folder);
  expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});

test('of many that find a stale lock at once, one gets the folder', async () => {
  const stale = JSON.stringify({ pid: await deadPid(), startedAt: null });
  for (let round = 0; round < 20; round++) {
    const folder = await newFolder();
    await writeFile(join(folder, 'lock'), stale);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    expect(tries.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  }
});

test('who died while it took over a stale lock is taken over itself', async () => {
  const folder = await newFolder();
  const contents = await Promise.all(
    [1, 2, 3].map(async (nonce) => JSON.stringify({ pid: await deadPid(), startedAt: null, nonce })),
  );
  let path = join(folder, 'lock');
  for (const content of contents) {
    await writeFile(path, content);
    path = successorOf(join(folder, 'lock'), content);
  }
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({ facts: { pid: process.pid } });
  expect(await readdir(folder)).toEqual(['lock']);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'a killed process that nobody has waited for holds nothing',
  async () => {
    // The shell becomes the second sleep, which never asks how the first one ended.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    const fields = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
    while ((await fields())[0] !== 'Z') await sleep(10);
    const folder = await newFolder();
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid, startedAt: (await fields())[19] }));
    await (await lockFolder(folder)).release();
    parent.kill();
  },
);

test('what was left by processes that died while they took the lock is removed, and nothing else', async () => {
  const folder = await newFolder();
  const dead = await deadPid();
  for (const name of [`lock.${dead}.abc`, `lock.stale.${dead}`, `lock.${process.ppid}.abc`, 'locked.txt']) {
    await writeFile(join(folder, name), '');
  }
  const lock = await lockFolder(folder);
  expect((await readdir(folder)).toSorted()).toEqual(['lock', `lock.${process.ppid}.abc`, 'locked.txt']);
  await lock.release();
});
