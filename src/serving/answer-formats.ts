/** How rows come back: `rows` are JSON with the names and types of the columns, the others are files. */
export const ANSWER_FORMATS = ['rows', 'csv', 'json', 'ndjson', 'parquet', 'arrow'] as const;
