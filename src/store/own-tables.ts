import { type DatabaseIntrospector, type Kysely, sql, type TableMetadata } from 'kysely';

/**
 * The names of the mesh's own tables: all that the migrator asks for. Kysely's own introspector reads every column
 * of every schema, which takes the longer the more meshes share a database, and fails when one of them goes meanwhile.
 */
export class OwnTables implements DatabaseIntrospector {
  readonly #reader: Kysely<unknown>;

  constructor(reader: Kysely<unknown>) {
    this.#reader = reader;
  }

  async getSchemas(): Promise<{ name: string }[]> {
    const { rows } = await sql<{ name: string }>`SELECT current_schema() AS name`.execute(this.#reader);
    return rows;
  }

  async getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string; schema: string }>`
      SELECT tablename AS name, schemaname AS schema FROM pg_catalog.pg_tables
      WHERE schemaname = current_schema()`.execute(this.#reader);
    return rows.map((row) => ({ ...row, isView: false, isForeign: false, columns: [] }));
  }
}
