/** A table that a statement may read, by one of the names it may write. */
export interface TraceTable {
  /** Which input of the dataset it is; one input may have several names. */
  input: number;
  schema: string;
  name: string;
  /** Null while nobody knows them: a source before its first crawl. */
  columns: { name: string; type: string }[] | null;
}

export interface TraceRequest {
  sql: string;
  tables: TraceTable[];
  /** Columns the statement must give, by name. */
  outputs: string[];
}

/**
 * How an input column acts on an output: OpenLineage's column lineage facet 1-2-0, `type`, `subtype` and, where the
 * values cannot be read any more, `masking`.
 */
export type Transformation =
  `DIRECT ${DirectKind}` | `DIRECT ${MaskingKind} MASKING` | `INDIRECT ${IndirectKind}`;
export type DirectKind = 'IDENTITY' | 'TRANSFORMATION' | 'AGGREGATION';
export type MaskingKind = 'TRANSFORMATION' | 'AGGREGATION';
export type IndirectKind = 'JOIN' | 'GROUP_BY' | 'FILTER' | 'SORT' | 'WINDOW' | 'CONDITIONAL';

export interface ColumnSource {
  /** {@link TraceTable.input} */
  input: number;
  /** As the table writes it. */
  column: string;
  transformations: Transformation[];
}

export interface Traced {
  /** One for each requested output; `sources` is null where only the tables are certain. */
  columns: { output: string; sources: ColumnSource[] | null }[];
  /** Columns that decide which rows there are, or in which order: they act on every output. */
  dataset: ColumnSource[];
  /** Why columns were not traced, in words for the producer; empty when all were. */
  doubts: string[];
}

/** The answer that is never wrong: the tables are known, their columns' ways are not. */
export function tablesOnly({ outputs }: Pick<TraceRequest, 'outputs'>, doubts: string[]): Traced {
  return { columns: outputs.map((output) => ({ output, sources: null })), dataset: [], doubts };
}
