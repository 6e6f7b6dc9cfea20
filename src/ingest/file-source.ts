import { readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { MeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { eachLimit } from './each-limit.ts';
import type { RawSource, SourceFile, SourceListing } from './raw-source.ts';

/** Where the folders of a domain lie, and what the source asks for. */
export interface FileSourcePlace {
  /** The operator's folder of raw data; each domain has its own folder in it. */
  root: string;
  domain: string;
  /** The source's `path`, relative to the domain's folder. */
  path: string;
}

/**
 * A folder of a domain, read only below `realpath(<root>/<domain>)`.
 * @throws MeshError `source.outside` for a path that leaves it, `source.missing` where there is no folder.
 */
export async function openFileSource(place: FileSourcePlace): Promise<RawSource> {
  if (!staysInside(place.path)) throw new MeshError('source.outside', { facts: { path: place.path } });
  const home = await folderAt(join(place.root, place.domain), place.domain);
  const folder = await folderAt(join(home, place.path), place.path);
  if (!isWithin(folder, home)) throw new MeshError('source.outside', { facts: { path: place.path } });
  return {
    folder,
    list: () => listFiles(folder, home),
    localFile: (key) => confinedFile({ folder, home, key }),
  };
}

/** Whether a relative path, read as text, cannot leave the folder it starts from. */
export function staysInside(path: string): boolean {
  if (path.includes('\0') || path.includes('\\') || isAbsolute(path)) return false;
  return !path.split('/').includes('..');
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

async function folderAt(path: string, shown: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  const found = real === null ? null : await stat(real).catch(() => null);
  if (real === null || !found?.isDirectory())
    throw new MeshError('source.missing', { facts: { path: shown } });
  return real;
}

/** The local path of a file, with its links followed once more: a link may have been changed since the listing. */
async function confinedFile(at: { folder: string; home: string; key: string }): Promise<string> {
  const outside = () => new MeshError('source.outside', { facts: { path: at.key } });
  if (!staysInside(at.key)) throw outside();
  const path = join(at.folder, at.key);
  const real = await realpath(path).catch(() => null);
  if (real === null) throw new MeshError('source.missing', { facts: { path: at.key } });
  if (!isWithin(real, at.home)) throw outside();
  return path;
}

interface Walk {
  folder: string;
  home: string;
  /** Real paths of the folders being read, against links that go in circles. */
  seen: Set<string>;
  found: string[];
  listing: SourceListing;
}

async function listFiles(folder: string, home: string): Promise<SourceListing> {
  const listing: SourceListing = { files: [], problems: [] };
  const walk: Walk = { folder, home, seen: new Set([folder]), found: [], listing };
  await walkFolder(walk, '', 0);
  const files = await eachLimit(walk.found, 32, (key) => describeFile(folder, key));
  listing.files = files.filter((file) => file !== null);
  return listing;
}

async function walkFolder(walk: Walk, below: string, depth: number): Promise<void> {
  if (depth > LIMITS.sourceDepth) {
    walk.listing.problems.push({
      severity: 'error',
      message: `folders are nested deeper than ${LIMITS.sourceDepth}; move the data up or give the source a deeper path`,
      place: below,
    });
    return;
  }
  const entries = await readdir(join(walk.folder, below), { withFileTypes: true });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    if (!isPassing(entry.name)) await visit(walk, entry, { key: below + entry.name, depth });
  }
}

async function visit(walk: Walk, entry: Dirent, at: { key: string; depth: number }): Promise<void> {
  const kind = entry.isSymbolicLink() ? await followLink(walk, at.key) : kindOf(entry);
  if (kind === 'folder') return walkFolder(walk, `${at.key}/`, at.depth + 1);
  if (kind === 'refused') return;
  if (kind === 'other') {
    walk.listing.problems.push({
      severity: 'warning',
      message: 'is neither a file nor a folder and was not read',
      place: at.key,
    });
    return;
  }
  if (walk.found.length >= LIMITS.sourceFiles) {
    throw new MeshError('source.too-many-files', { facts: { limit: LIMITS.sourceFiles } });
  }
  walk.found.push(at.key);
}

type EntryKind = 'file' | 'folder' | 'other' | 'refused';

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}

async function followLink(walk: Walk, key: string): Promise<EntryKind> {
  const real = await realpath(join(walk.folder, key)).catch(() => null);
  const refuse = (message: string): EntryKind => {
    walk.listing.problems.push({ severity: 'error', message, place: key });
    return 'refused';
  };
  if (real === null) return refuse('is a link to nothing');
  if (!isWithin(real, walk.home))
    return refuse("is a link that leads out of the domain's folder and was not read");
  const kind = kindOf(await stat(real));
  if (kind !== 'folder') return kind;
  if (walk.seen.has(real)) return refuse('is a link to a folder that is already read');
  walk.seen.add(real);
  return kind;
}

/**
 * Hidden files, and what writers leave while they write or when they are done:
 * `_SUCCESS` and `_temporary` (Hadoop), `.part`, `.tmp`, `.crdownload`, lock files of spreadsheets.
 */
function isPassing(name: string): boolean {
  return /^[._]|^~\$|~$|\.(tmp|temp|part|partial|crdownload|swp|lock|inprogress)$/i.test(name);
}

async function describeFile(folder: string, key: string): Promise<SourceFile | null> {
  // A file may go away between the listing and this look: then it was not there.
  const found = await stat(join(folder, key)).catch(() => null);
  return found && { key, bytes: found.size, modifiedAt: found.mtime.toISOString() };
}
