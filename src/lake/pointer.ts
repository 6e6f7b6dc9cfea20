/**
 * Where the catalog keeps, for every table, the key of its current metadata file. It is the only mutable
 * thing of a table (Iceberg table spec, "Metastore Tables"); everything else is written once.
 */
export interface TablePointer {
  /** @throws MeshError `lake.table-missing`. */
  read(tableId: string): Promise<string>;
  /**
   * Compare-and-swap: points the table to `to` only if it points to `from` (null = has no pointer yet).
   * False means that somebody else was first and nothing changed; a throw means that nobody knows.
   */
  swap(tableId: string, change: { from: string | null; to: string }): Promise<boolean>;
}
