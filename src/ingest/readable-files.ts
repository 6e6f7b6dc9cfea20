import { isAboutFiles } from './crawl-context.ts';

interface Trial<File> {
  /** Throws when one of the files cannot be read. */
  attempt(files: readonly File[]): Promise<unknown>;
  refuse(file: File, error: unknown): void;
}

/** The files that can be read; the others are found by halving, which costs few attempts when few are bad. */
export async function readableFiles<File>(files: readonly File[], trial: Trial<File>): Promise<File[]> {
  if (files.length === 0) return [];
  try {
    await trial.attempt(files);
    return [...files];
  } catch (error) {
    if (!isAboutFiles(error)) throw error;
    if (files.length === 1) {
      trial.refuse(files[0]!, error);
      return [];
    }
  }
  const middle = files.length >> 1;
  const left = await readableFiles(files.slice(0, middle), trial);
  return [...left, ...(await readableFiles(files.slice(middle), trial))];
}
