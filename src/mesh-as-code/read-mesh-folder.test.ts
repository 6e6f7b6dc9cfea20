import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../base/limits.ts';
import { readMeshFolder } from './read-mesh-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string | Uint8Array = 'name: x\n'): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const paths = async (at = folder) => (await readMeshFolder(at)).map(({ path }) => path);
const placesOf = (at = folder) =>
  readMeshFolder(at).then(
    () => [],
    (error: { problems: { place: string }[] }) => error.problems.map(({ place }) => place),
  );

test('documents are read, what is hidden or no document is not', async () => {
  await write('mesh.yaml');
  await write('domains/sales/domain.yaml');
  await write('README.md');
  await write('.git/config.yaml');
  await write('domains/.hidden.yaml');
  await write('node_modules/x/mesh.yaml');
  expect(await paths()).toEqual(['domains/sales/domain.yaml', 'mesh.yaml']);
});

test('a domain alone gets the paths it has in a mesh, by the name in its document', async () => {
  await write('domain.yaml', 'name: sales\n');
  await write('sources/tills.yaml');
  expect(await paths()).toEqual(['domains/sales/domain.yaml', 'domains/sales/sources/tills.yaml']);
});

test('a domain whose document cannot be read has the name of its folder', async () => {
  await write('sales/domain.yaml', 'name: [\n');
  expect(await paths(join(folder, 'sales'))).toEqual(['domains/sales/domain.yaml']);
});

test('links inside the folder are read, links that lead out are refused', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'crossdock-outside-'));
  await writeFile(join(outside, 'secret.yaml'), 'name: secret\n');
  await write('mesh.yaml');
  await symlink(join(folder, 'mesh.yaml'), join(folder, 'again.yaml'));
  expect(await paths()).toEqual(['again.yaml', 'mesh.yaml']);
  await symlink(join(outside, 'secret.yaml'), join(folder, 'secret.yaml'));
  await symlink(outside, join(folder, 'sources'));
  await symlink(folder, join(folder, 'zircle'));
  expect(await placesOf()).toEqual(['secret.yaml:1:1', 'sources:1:1', 'zircle:1:1']);
  await rm(outside, { recursive: true });
});

test('files that are no text or too large are told, all of them', async () => {
  await write('a.yaml', new Uint8Array([0x61, 0xff, 0xfe]));
  await write('b.sql', new Uint8Array(LIMITS.documentBytes + 1));
  await write('c.cedar', 'permit\u0000');
  expect(await placesOf()).toEqual(['a.yaml:1:2', 'b.sql:1:1', 'c.cedar:1:7']);
});

test('more than one body can carry is refused as a whole', async () => {
  for (let index = 0; index < 9; index++) await write(`${index}.sql`, 'x'.repeat(LIMITS.documentBytes));
  await expect(readMeshFolder(folder)).rejects.toMatchObject({ code: 'input.too-large' });
});

test('a folder that is not there, or a file, is no folder', async () => {
  await write('file.yaml');
  for (const name of ['nothing', 'file.yaml']) {
    await expect(readMeshFolder(join(folder, name))).rejects.toMatchObject({
      code: 'mesh.folder-unreadable',
    });
  }
});
