import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMeshError, MeshError, type Problem } from '../base/errors.ts';
import { eachLimit } from './each-limit.ts';
import type { CrawledTable, Reader } from './crawled-table.ts';
import { writeAsUtf8 } from './content-stream.ts';
import type { RawSource } from './raw-source.ts';
import { needsCopy, type LocalFile } from './relation-sql.ts';

/** A file that its reader reads, with the facts of its bytes. */
interface ReadableFile {
  key: string;
  reader: Reader;
}

/**
 * Local paths of a table's files, checked once more to be inside the domain's folder; files in other
 * encodings as copies in `scratch`, an empty folder that the caller removes after the statement.
 * @throws MeshError `source.outside`, `source.missing`.
 */
export async function prepareFiles(
  table: Pick<CrawledTable, 'groups'>,
  source: RawSource,
  scratch: string,
): Promise<LocalFile> {
  const files = table.groups.flatMap(({ reader, keys }) => keys.map((key) => ({ key, reader })));
  const paths = await eachLimit(files, 8, (file) => readablePath(file, source, scratch));
  const byKey = new Map(files.map((file, index) => [file.key, paths[index]!]));
  return (key) => byKey.get(key) ?? join(source.folder, key);
}

/** The file itself, or its copy in UTF-8 below `scratch` under the same key, so that partitions stay readable. */
export async function readablePath(file: ReadableFile, source: RawSource, scratch: string): Promise<string> {
  const path = await source.localFile(file.key);
  const { reader } = file;
  if (reader.format === 'parquet' || !needsCopy(reader)) return path;
  const target = join(scratch, file.key);
  await writeAsUtf8({ path, compression: reader.compression, encoding: reader.encoding }, target);
  return target;
}

/**
 * Makes sure that the files are those that the crawl looked at: reading is only as safe as the crawl's look.
 * @throws MeshError `source.changed` with files that are gone or different; new ones are the next crawl's.
 */
export async function checkUnchanged(table: CrawledTable, source: RawSource): Promise<void> {
  const problems = await eachLimit(table.files, 16, async (file): Promise<Problem | null> => {
    const path = await source.localFile(file.key).catch((error) => {
      if (isMeshError(error, 'source.missing')) return null;
      throw error;
    });
    if (path === null) return { message: 'is gone', place: file.key };
    const found = await stat(path);
    const same = found.size === file.bytes && found.mtime.toISOString() === file.modifiedAt;
    return same ? null : { message: 'has changed', place: file.key };
  });
  const changed = problems.filter((problem) => problem !== null);
  if (changed.length === 0) return;
  throw new MeshError('source.changed', { facts: { table: table.name }, problems: changed.slice(0, 20) });
}
