import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { MeshError, type Problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { decodeText } from '../contracts/decode-text.ts';
import { parseDocument } from '../contracts/parse-document.ts';
import { MESH_NAME } from '../contracts/product-rules.ts';
import { FOLDER_LIMITS, type MeshFile } from './place-files.ts';

/** Deeper than any file of a mesh lies. */
const MAX_DEPTH = 8;
/** What belongs to a repository and not to the mesh. */
const ENDINGS = ['.yaml', '.yml', '.sql', '.cedar'];

/**
 * The documents of a folder: of the whole mesh (it holds mesh.yaml or `domains/`), or of one domain (it holds
 * domain.yaml; its files then get the path they have in a mesh). Hidden files and folders, and files that are
 * no documents of a mesh such as a README, are left out.
 * @throws MeshError `mesh.folder-unreadable`, `mesh.invalid` with every file that cannot be taken
 */
export async function readMeshFolder(folder: string): Promise<MeshFile[]> {
  const root = await realpath(folder).catch(() => null);
  const isFolder = root !== null && (await stat(root)).isDirectory();
  if (root === null || !isFolder) throw new MeshError('mesh.folder-unreadable', { facts: { folder } });
  const reading: Reading = { root, files: [], bytes: 0, problems: [] };
  await readInto(reading, '', 0);
  if (reading.problems.length > 0) throw new MeshError('mesh.invalid', { problems: reading.problems });
  const domain = reading.files.find(({ path }) => path === 'domain.yaml');
  if (domain === undefined) return reading.files;
  const prefix = `domains/${nameOf(domain) ?? basename(root)}/`;
  return reading.files.map(({ path, text }) => ({ path: prefix + path, text }));
}

/** A domain's own repository may be called anything: its name stands in domain.yaml. */
function nameOf({ path, text }: MeshFile): string | null {
  const { value } = parseDocument({ file: path, content: text });
  const name = (value as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' && MESH_NAME.test(name) ? name : null;
}

interface Reading {
  root: string;
  files: MeshFile[];
  bytes: number;
  problems: Problem[];
}

async function readInto(reading: Reading, path: string, depth: number): Promise<void> {
  const entries = await readdir(join(reading.root, path), { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const inner = path === '' ? entry.name : `${path}/${entry.name}`;
    const found = await insideOf(reading, inner);
    if (found === 'outside') fault(reading, inner, 'the link leads out of the folder and is not followed');
    else if (found === 'folder' && depth < MAX_DEPTH) await readInto(reading, inner, depth + 1);
    else if (found === 'folder') fault(reading, inner, `the folder lies deeper than ${MAX_DEPTH} levels`);
    else if (ENDINGS.some((ending) => inner.endsWith(ending))) await takeFile(reading, inner);
  }
}

async function insideOf({ root }: Reading, path: string): Promise<'file' | 'folder' | 'outside'> {
  const full = join(root, path);
  const own = await lstat(full);
  if (own.isDirectory()) return 'folder';
  if (!own.isSymbolicLink()) return 'file';
  const target = await realpath(full).catch(() => '');
  if (!target.startsWith(root + sep)) return 'outside';
  // A linked folder could hold itself; its files are read where they really lie.
  return (await stat(target)).isFile() ? 'file' : 'outside';
}

async function takeFile(reading: Reading, path: string): Promise<void> {
  const full = join(reading.root, path);
  const found = await stat(full);
  if (!found.isFile()) return fault(reading, path, 'this is not a file');
  if (found.size > LIMITS.documentBytes) {
    return fault(reading, path, `the file has ${found.size} bytes, the limit is ${LIMITS.documentBytes}`);
  }
  reading.bytes += found.size;
  if (reading.files.length >= FOLDER_LIMITS.files || reading.bytes > LIMITS.bodyBytes) {
    const facts = {
      what: `the folder ${reading.root}`,
      limit: `${FOLDER_LIMITS.files} files, ${LIMITS.bodyBytes} bytes`,
    };
    throw new MeshError('input.too-large', { facts });
  }
  const { text, faults } = decodeText(await readFile(full));
  for (const { line, column, message } of faults) {
    reading.problems.push({ message, place: `${path}:${line}:${column}` });
  }
  reading.files.push({ path, text });
}

function fault(reading: Reading, path: string, message: string): void {
  reading.problems.push({ message, place: `${path}:1:1` });
}
