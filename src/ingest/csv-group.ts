import type { CsvFile } from './csv-file.ts';

/** Files that one `read_csv` reads, where they lie, and what was counted in them. */
export interface CsvGroup {
  files: CsvFile[];
  paths: Map<string, CsvFile>;
  /** Positions of the table's columns in these files. */
  position: Map<string, number>;
}
