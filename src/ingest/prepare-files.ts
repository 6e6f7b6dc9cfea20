import { join } from 'node:path';
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
