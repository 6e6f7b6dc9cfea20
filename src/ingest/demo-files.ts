import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type DemoOptions, demoFiles } from '../cpg/demo-data.ts';
import { type DemoFile, fileText } from '../cpg/demo-file.ts';

const compress = promisify(gzip);

export interface WrittenDemo {
  files: number;
  bytes: number;
}

/**
 * Writes the demo company's source files below `root`, one folder a domain. Existing files of the same name
 * are overwritten; the same options give the same bytes.
 */
export async function writeDemoFiles(root: string, options: DemoOptions): Promise<WrittenDemo> {
  const written = { files: 0, bytes: 0 };
  for (const file of demoFiles(options)) {
    const bytes = await encode(file);
    const path = join(root, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    written.files += 1;
    written.bytes += bytes.byteLength;
  }
  return written;
}

async function encode(file: DemoFile): Promise<Uint8Array> {
  const text = Buffer.from(fileText(file), file.encoding === 'latin-1' ? 'latin1' : 'utf8');
  // Speed over size: the files are read once.
  return file.gzip ? compress(text, { level: constants.Z_BEST_SPEED }) : text;
}
