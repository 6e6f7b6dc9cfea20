import type { CrawlProblem } from './crawled-table.ts';

/** The port of raw sources: what lies there, and where an engine can read it. */
export interface RawSource {
  /** Absolute path below which every key lies. */
  folder: string;
  list(): Promise<SourceListing>;
  /** @throws MeshError `source.outside` or `source.missing`. */
  localFile(key: string): Promise<string>;
}

export interface SourceListing {
  files: SourceFile[];
  /** What could not be looked at. */
  problems: CrawlProblem[];
}

export interface SourceFile {
  /** Path below the source's folder, with `/`. */
  key: string;
  bytes: number;
  /** ISO 8601. */
  modifiedAt: string;
}
