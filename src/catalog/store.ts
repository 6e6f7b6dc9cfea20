import { sql } from 'kysely';
import { contractTable } from '../contracts/contract-table.ts';
import type { Contract } from '../contracts/odcs.ts';
import { json, type Reader, type Transaction } from '../store/database.ts';
import type { SearchDocumentRow } from '../store/schema.ts';

export interface SearchCandidate {
  id: string;
  kind: SearchDocumentRow['kind'];
  domainId: string;
  productId: string | null;
  datasetId: string | null;
  domain: string;
  product: string | null;
  dataset: string | null;
  name: string;
  title: string;
  description: string;
  tags: string[];
  score: number;
}

export interface SearchQuery {
  text: string;
  kind: SearchDocumentRow['kind'] | undefined;
  domain: string | undefined;
  offset: number;
  limit: number;
}

/** How alike two words must be spelt (pg_trgm `similarity`): `baket` and `basket` are 0.44. */
const ALIKE = 0.4;

/**
 * Documents that match, best first. Words match by their stem, by prefix (the last word may be half typed),
 * or by similar spelling; products and domains come before their columns.
 */
export async function findCandidates(reader: Reader, query: SearchQuery): Promise<SearchCandidate[]> {
  const text = query.text.trim().toLowerCase();
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const alike = await wordsAlike(reader, words);
  const written = sql`(websearch_to_tsquery('english', ${text}) || to_tsquery('simple', ${allOf(words)}))`;
  const meant = sql`to_tsquery('simple', ${allOf(words, alike)})`;
  const { rows } = await sql<SearchCandidate>`
    WITH scored AS (
      SELECT document.*,
        ts_rank(document.words, ${written}, 1) + 0.3 * ts_rank(document.words, ${meant}, 1)
          + CASE WHEN lower(document.name) = ${text} OR lower(document.title) = ${text} THEN 1 ELSE 0 END
          + CASE document.kind WHEN 'product' THEN 0.3 WHEN 'domain' THEN 0.25 WHEN 'dataset' THEN 0.15 ELSE 0 END
          AS score
      FROM search_documents AS document
      WHERE document.words @@ (${written} || ${meant})
        AND NOT EXISTS (
          SELECT 1 FROM products WHERE products.id = document.product_id AND products.status = 'retired'
        )
        ${query.kind === undefined ? sql`` : sql`AND document.kind = ${query.kind}`}
        ${query.domain === undefined ? sql`` : sql`AND document.domain_id = (SELECT id FROM domains WHERE name = ${query.domain})`}
      ORDER BY score DESC, document.id
      OFFSET ${query.offset} LIMIT ${query.limit}
    )
    SELECT scored.id, scored.kind, scored.domain_id AS "domainId", scored.product_id AS "productId",
      scored.dataset_id AS "datasetId",
      domains.name AS domain, products.name AS product, datasets.name AS dataset,
      scored.name, scored.title, scored.description, scored.tags, scored.score
    FROM scored
    JOIN domains ON domains.id = scored.domain_id
    LEFT JOIN products ON products.id = scored.product_id
    LEFT JOIN datasets ON datasets.id = scored.dataset_id
    ORDER BY scored.score DESC, scored.id`.execute(reader);
  return rows;
}

/**
 * Words of the mesh that are spelt like the words asked for. All of them, whoever may see what they stand in:
 * no word takes another's place, so none tells of a document that stays hidden.
 */
async function wordsAlike(reader: Reader, words: string[]): Promise<Map<string, string[]>> {
  const swapped = words.flatMap((word) => swappedLetters(word).map((spelling) => ({ word, spelling })));
  const asked = sql.join(words.map((word) => sql`${word}::text`));
  const { rows } = await sql<{ asked: string; word: string }>`
    SELECT asked.word AS asked, known.word
    FROM unnest(ARRAY[${asked}]) AS asked(word)
    JOIN search_words AS known ON known.word % asked.word
    WHERE similarity(known.word, asked.word) >= ${ALIKE}::float4
    UNION
    SELECT swapped.asked, known.word
    FROM unnest(${swapped.map(({ word }) => word)}::text[], ${swapped.map(({ spelling }) => spelling)}::text[])
      AS swapped(asked, spelling)
    JOIN search_words AS known ON known.word = ANY (ts_lexize('english_stem', spelling) || spelling)`.execute(
    reader,
  );
  const alike = Map.groupBy(rows, (row) => row.asked);
  return new Map([...alike].map(([word, found]) => [word, found.map((row) => row.word)]));
}

/** A shorter word with two letters exchanged is too many other words. */
const LEAST_SWAPPED = 4;
const MOST_SWAPPED = 40;

/**
 * What the word may have been before two neighbouring letters changed places: `slaes` and `sales` share too little for
 * trigrams. Each is looked up by itself, in an index.
 */
function swappedLetters(word: string): string[] {
  const letters = [...word];
  if (letters.length < LEAST_SWAPPED || letters.length > MOST_SWAPPED) return [];
  return letters.slice(1).flatMap((letter, index) => {
    const before = letters[index]!;
    return letter === before
      ? []
      : [[...letters.slice(0, index), letter, before, ...letters.slice(index + 2)].join('')];
  });
}

/** `a b` -> `a:* & b:*`, each with the words that are spelt like it. */
function allOf(words: string[], alike = new Map<string, string[]>()): string {
  return words.map((word) => `(${[`${word}:*`, ...(alike.get(word) ?? [])].join(' | ')})`).join(' & ');
}

/** What is refreshed after a change: everything searchable about these domains and products. */
export interface Searchable {
  domainIds: string[];
  productIds: string[];
}

/** Rows of one insert statement: far below PostgreSQL's 65,535 parameters. */
const ROWS_AT_ONCE = 1_000;

/** Writes anew what search knows of domains and products: one document for each, their datasets and columns. */
export async function refreshSearchDocuments(
  transaction: Transaction,
  { domainIds, productIds }: Searchable,
): Promise<void> {
  await transaction
    .deleteFrom('search_documents')
    .where((is) =>
      is.or([
        is.and([is('kind', '=', 'domain'), is('domain_id', 'in', noneOr(domainIds))]),
        is('product_id', 'in', noneOr(productIds)),
      ]),
    )
    .execute();
  const documents = [
    ...(await domainDocuments(transaction, domainIds)),
    ...(await productDocuments(transaction, productIds)),
    ...(await datasetDocuments(transaction, productIds)),
  ];
  for (let start = 0; start < documents.length; start += ROWS_AT_ONCE) {
    const rows = documents.slice(start, start + ROWS_AT_ONCE);
    await transaction.insertInto('search_documents').values(rows.map(rowOf)).execute();
  }
  await learnWords(transaction, { domainIds, productIds });
}

/**
 * Words stay when their documents go: they match nothing then. In one order, so that two changes at once do
 * not wait for each other.
 */
async function learnWords(transaction: Transaction, { domainIds, productIds }: Searchable): Promise<void> {
  await sql`
    INSERT INTO search_words
    SELECT DISTINCT lexeme FROM search_documents, unnest(words)
    WHERE (product_id IN (${sql.join(noneOr(productIds))})
        OR kind = 'domain' AND domain_id IN (${sql.join(noneOr(domainIds))}))
      AND lexeme ~ '^[[:alpha:]][[:alnum:]]{2,}$'
    ORDER BY lexeme
    ON CONFLICT DO NOTHING`.execute(transaction);
}

type Document = Omit<SearchDocumentRow, 'tags' | 'label'> & { tags: string[] };

function rowOf(document: Document) {
  const label = `${document.name} ${document.title}`.toLowerCase();
  return { ...document, tags: json(document.tags), label };
}

async function domainDocuments(reader: Reader, ids: string[]): Promise<Document[]> {
  const rows = await reader
    .selectFrom('domains')
    .select(['id', 'name', 'title', 'description'])
    .where('id', 'in', noneOr(ids))
    .where('closed_at', 'is', null)
    .execute();
  return rows.map((row) => ({
    ...row,
    kind: 'domain',
    domain_id: row.id,
    product_id: null,
    dataset_id: null,
    tags: [],
  }));
}

async function productDocuments(reader: Reader, ids: string[]): Promise<Document[]> {
  const rows = await reader
    .selectFrom('products')
    .select(['id', 'domain_id', 'name', 'title', 'description', 'tags'])
    .where('id', 'in', noneOr(ids))
    .where('is_current', '=', true)
    .where('status', '<>', 'retired')
    .execute();
  return rows.map((row) => ({ ...row, kind: 'product', product_id: row.id, dataset_id: null }));
}

async function datasetDocuments(reader: Reader, productIds: string[]): Promise<Document[]> {
  const rows = await reader
    .selectFrom('datasets')
    .innerJoin('products', 'products.id', 'datasets.product_id')
    .select(['datasets.id', 'datasets.product_id', 'products.domain_id', 'datasets.name'])
    .select(['datasets.description', 'datasets.contract'])
    .where('datasets.product_id', 'in', noneOr(productIds))
    .where('products.is_current', '=', true)
    .where('products.status', '<>', 'retired')
    .execute();
  return rows.flatMap(({ contract: document, ...row }): Document[] => {
    const contract = document as unknown as Contract;
    const [object] = contract.schema ?? [];
    const title = object?.businessName ?? contract.name ?? row.name;
    const tags = [...(contract.tags ?? []), ...(object?.tags ?? [])];
    const dataset: Document = { ...row, kind: 'dataset', dataset_id: row.id, title, tags };
    const { columns, promises } = contractTable(contract);
    const ofColumns = promises.map((promise, index): Document => ({
      ...dataset,
      kind: 'column',
      id: `${row.id}.${promise.name}`,
      name: promise.name,
      title: promise.businessName ?? promise.name,
      description: columns[index]?.doc ?? '',
      tags: promise.tags,
    }));
    return [dataset, ...ofColumns];
  });
}

/** `IN ()` is no SQL; an id that nobody has stands for the empty list. */
function noneOr(ids: string[]): string[] {
  return ids.length === 0 ? [''] : ids;
}
