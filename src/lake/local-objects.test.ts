import { mkdir, mkdtemp, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { localObjects } from './local-objects.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

async function freshFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'crossdock-objects-'));
  return { folder, objects: await localObjects(folder) };
}

test('objects are written whole, read, listed and removed', async () => {
  const { folder, objects } = await freshFolder();
  await objects.write('a/b/c.txt', bytes('one'));
  await objects.write('a/b/c.txt', bytes('two'));
  await objects.write('ab/d.txt', bytes('three'));
  expect(text(await objects.read('a/b/c.txt'))).toBe('two');
  expect(await objects.localFile('a/b/c.txt')).toBe(path.join(folder, 'a/b/c.txt'));
  expect(objects.uri('a/b/c.txt')).toBe(`file://${folder}/a/b/c.txt`);
  expect((await Array.fromAsync(objects.list('a'))).map(({ key, bytes: size }) => [key, size])).toEqual([
    ['a/b/c.txt', 3],
  ]);
  expect(await Array.fromAsync(objects.list('none'))).toEqual([]);
  await objects.remove(['a/b/c.txt', 'a/b/gone.txt']);
  await expect(objects.read('a/b/c.txt')).rejects.toMatchObject({ code: 'lake.object-missing' });
  await expect(objects.localFile('a/b/c.txt')).rejects.toMatchObject({ code: 'lake.object-missing' });
  expect(await readdir(path.join(folder, '.tmp'))).toEqual([]);
});

test('of many who write a new object one wins', async () => {
  const { folder, objects } = await freshFolder();
  const names = Array.from({ length: 8 }, (_, place) => `writer ${place}`);
  const writes = names.map((name) => objects.write('k/one', bytes(name), { onlyIfAbsent: true }));
  const outcomes = await Promise.allSettled(writes);
  const winner = outcomes.findIndex((one) => one.status === 'fulfilled');
  expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  expect(outcomes.find((one) => one.status === 'rejected')?.reason).toMatchObject({
    code: 'lake.object-exists',
  });
  expect(text(await objects.read('k/one'))).toBe(names[winner]);
  expect(await readdir(path.join(folder, '.tmp'))).toEqual([]);
});

test('a file is moved in once, and its age counts from then', async () => {
  const { folder, objects } = await freshFolder();
  const file = path.join(folder, '.tmp', 'written');
  await writeFile(file, 'rows');
  await utimes(file, new Date(0), new Date(0));
  expect(await objects.moveIn('t/data/1.parquet', file)).toEqual({ bytes: 4 });
  const [stored] = await Array.fromAsync(objects.list('t'));
  expect(stored!.modifiedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
  await writeFile(file, 'other');
  await expect(objects.moveIn('t/data/1.parquet', file)).rejects.toMatchObject({
    code: 'lake.object-exists',
  });
  expect(text(await objects.read('t/data/1.parquet'))).toBe('rows');
});

test.each([
  '../x',
  'a/../../x',
  '/etc/passwd',
  'a//b',
  'a/',
  '',
  '.tmp/x',
  'a/.hidden',
  'a\\b',
  'a\0b',
  'a/b c',
  'ä',
  'a'.repeat(300),
  'a/'.repeat(600) + 'a',
])('the key %j is refused by every call', async (key) => {
  const { objects } = await freshFolder();
  const refused = { code: 'lake.key-invalid' };
  await expect(objects.write(key, bytes('x'))).rejects.toMatchObject(refused);
  await expect(objects.moveIn(key, '/dev/null')).rejects.toMatchObject(refused);
  await expect(objects.read(key)).rejects.toMatchObject(refused);
  await expect(objects.localFile(key)).rejects.toMatchObject(refused);
  await expect(objects.remove([key])).rejects.toMatchObject(refused);
  await expect(Array.fromAsync(objects.list(key))).rejects.toMatchObject(refused);
  expect(() => objects.uri(key)).toThrow(expect.objectContaining(refused));
});

test('links and files that are no objects are not listed', async () => {
  const { folder, objects } = await freshFolder();
  await objects.write('t/one', bytes('1'));
  await symlink('/etc', path.join(folder, 't', 'etc'));
  await symlink('/etc/passwd', path.join(folder, 't', 'passwd'));
  await writeFile(path.join(folder, 't', '.DS_Store'), '');
  expect((await Array.fromAsync(objects.list('t'))).map((one) => one.key)).toEqual(['t/one']);
});

test('what a crash left half written goes, younger pieces stay', async () => {
  const { folder } = await freshFolder();
  await writeFile(path.join(folder, '.tmp', 'old'), 'x');
  await utimes(path.join(folder, '.tmp', 'old'), new Date(0), new Date(0));
  await writeFile(path.join(folder, '.tmp', 'young'), 'x');
  const objects = await localObjects(folder);
  expect(await objects.removeUnfinished(new Date(60_000))).toBe(1);
  expect(await readdir(path.join(folder, '.tmp'))).toEqual(['young']);
});

test('a folder that engines would take for a pattern is refused', async () => {
  const { folder } = await freshFolder();
  await mkdir(path.join(folder, 'a[1]'));
  await expect(localObjects(path.join(folder, 'a[1]'))).rejects.toMatchObject({ code: 'lake.root-invalid' });
});
