import { glob, opendir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { isStandardDocument } from '../contracts/lint-document.ts';

export interface DocumentFile {
  path: string;
  content: Uint8Array;
}

/** Files that are contracts or products by their name, whatever they say. */
const BY_NAME = /\.(odcs|odps)\.(ya?ml|json)$/i;
const PERHAPS = /\.(ya?ml|json)$/i;
/** Folders of tools: what lies there is not the repository's own. */
const SKIPPED = new Set(['node_modules']);

/**
 * The documents that paths name: files as they are, folders with everything below that is an ODCS or ODPS
 * document by its name or its `kind`, patterns (`contracts/**\/*.yaml`) with every file they match.
 */
export async function readDocumentFiles(paths: readonly string[]): Promise<DocumentFile[]> {
  const found = new Map<string, DocumentFile>();
  for (const path of paths) {
    for await (const file of filesOf(path)) {
      if (!found.has(file.path)) found.set(file.path, file);
      if (found.size > LIMITS.lintedFiles) {
        throw new MeshError('cli.too-many-files', { facts: { limit: LIMITS.lintedFiles } });
      }
    }
  }
  if (found.size === 0) throw new MeshError('cli.no-documents', { facts: { paths: [...paths] } });
  return [...found.values()];
}

async function* filesOf(path: string): AsyncGenerator<DocumentFile> {
  const entry = await stat(path).catch(() => null);
  if (entry?.isDirectory()) return yield* documentsBelow(path);
  if (entry || !/[*?[{]/.test(path)) return yield await readDocumentFile(path);
  const matched = [];
  for await (const name of glob(path)) matched.push(name);
  for (const name of matched.sort()) {
    if ((await stat(name)).isFile()) yield await readDocumentFile(name);
  }
}

/** One document, of a size that is worth parsing. */
export async function readDocumentFile(path: string): Promise<DocumentFile> {
  const size = (await stat(path).catch(unreadable(path))).size;
  if (size > LIMITS.documentBytes) {
    throw new MeshError('input.too-large', { facts: { what: path, limit: `${LIMITS.documentBytes} bytes` } });
  }
  return { path, content: await readFile(path).catch(unreadable(path)) };
}

function unreadable(path: string) {
  return (cause: unknown): never => {
    throw new MeshError('cli.file', { facts: { path }, cause });
  };
}

async function* documentsBelow(folder: string): AsyncGenerator<DocumentFile> {
  const entries = [];
  for await (const entry of await opendir(folder).catch(unreadable(folder))) entries.push(entry);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !SKIPPED.has(entry.name)) yield* documentsBelow(path);
    } else if (entry.isFile() && PERHAPS.test(entry.name)) {
      const file = await readIfDocument(path, entry.name);
      if (file) yield file;
    }
  }
}

/** Data files are YAML and JSON as well, and may be large: those are not opened. */
async function readIfDocument(path: string, name: string): Promise<DocumentFile | null> {
  if (BY_NAME.test(name)) return readDocumentFile(path);
  if ((await stat(path)).size > LIMITS.documentBytes) return null;
  const file = await readDocumentFile(path);
  return isStandardDocument(new TextDecoder().decode(file.content)) ? file : null;
}

/** A result that the caller wanted in a file. */
export async function writeOutput(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw new MeshError('cli.output', { facts: { path }, cause });
  });
}
