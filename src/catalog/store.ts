import { sql } from 'kysely';
import type { Reader } from '../store/database.ts';
import type { SearchDocumentRow } from '../store/schema.ts';

export interface SearchCandidate {
  id: string;
  kind: SearchDocumentRow['kind'];
  domainId: string;
  productId: string | null;
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

/**
 * Documents that match, best first. Words match by their stem, by prefix (the last word may be half typed),
 * or by similar spelling of the name; products and domains come before their columns.
 */
export async function findCandidates(reader: Reader, query: SearchQuery): Promise<SearchCandidate[]> {
  const text = query.text.trim().toLowerCase();
  const prefixes = text
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => `${word}:*`)
    .join(' & ');
  const { rows } = await sql<SearchCandidate>`
    WITH asked AS (
      SELECT websearch_to_tsquery('english', ${text}) || to_tsquery('simple', ${prefixes}) AS words
    ), scored AS (
      SELECT document.*,
        ts_rank(document.words, asked.words, 1)
          + word_similarity(${text}, document.label)
          + CASE WHEN lower(document.name) = ${text} OR lower(document.title) = ${text} THEN 1 ELSE 0 END
          + CASE document.kind WHEN 'product' THEN 0.3 WHEN 'domain' THEN 0.25 WHEN 'dataset' THEN 0.15 ELSE 0 END
          AS score
      FROM search_documents AS document, asked
      WHERE (document.words @@ asked.words OR ${text} <% document.label)
        ${query.kind === undefined ? sql`` : sql`AND document.kind = ${query.kind}`}
        ${query.domain === undefined ? sql`` : sql`AND document.domain_id = (SELECT id FROM domains WHERE name = ${query.domain})`}
      ORDER BY score DESC, document.id
      OFFSET ${query.offset} LIMIT ${query.limit}
    )
    SELECT scored.id, scored.kind, scored.domain_id AS "domainId", scored.product_id AS "productId",
      domains.name AS domain, products.name AS product, datasets.name AS dataset,
      scored.name, scored.title, scored.description, scored.tags, scored.score
    FROM scored
    JOIN domains ON domains.id = scored.domain_id
    LEFT JOIN products ON products.id = scored.product_id
    LEFT JOIN datasets ON datasets.id = scored.dataset_id
    ORDER BY scored.score DESC, scored.id`.execute(reader);
  return rows;
}
