import { type Kysely, sql } from 'kysely';

/**
 * The words of all search documents, each once: a mistyped word is looked for among them. That is some
 * thousand short rows, where comparing the spelling of every document takes time by the size of the mesh.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `CREATE TABLE search_words (word text PRIMARY KEY)`,
  `CREATE INDEX search_words_spelling ON search_words USING gin (word gin_trgm_ops)`,
  `INSERT INTO search_words
    SELECT DISTINCT lexeme FROM search_documents, unnest(words) WHERE lexeme ~ '^[[:alpha:]][[:alnum:]]{2,}$'`,
  `DROP INDEX search_documents_label`,
];
