import type { Column } from '../base/data-type.ts';
import { LIMITS } from '../base/limits.ts';
import { buildTable, type SoundTable } from './build-table.ts';
import type { CrawlContext } from './crawl-context.ts';
import { failure, warning } from './crawled-table.ts';
import { eachLimit } from './each-limit.ts';
import { readParquetTail } from './file-head.ts';
import { readableFiles } from './readable-files.ts';
import { listSql } from './relation-sql.ts';
import type { PlannedFile, TablePlan } from './table-plan.ts';
import { unionColumns } from './union-columns.ts';

interface ParquetFile extends PlannedFile {
  path: string;
  fingerprint: string;
}

/** Crawls Parquet files by their footers; no row is read. */
export async function crawlParquet(plan: TablePlan, context: CrawlContext): Promise<SoundTable> {
  const whole = await wholeFiles(plan, context);
  const files = await readableFiles(whole, {
    attempt: (some) =>
      context.runSql(
        schemasSql(some),
        some.map(({ path }) => path),
      ),
    refuse: ({ key }) =>
      context.problems.push(failure(plan.name, 'the footer cannot be read: the file is damaged', key)),
  });
  const schemas = await readSchemas(files, context);
  const columns = await joinSchemas({ plan, context, schemas, files });
  const rows = new Map(schemas.flatMap(({ members }) => members));
  return buildTable(plan, {
    columns,
    dateFormats: {},
    groups: schemas.map(({ columns: own, members }) => ({
      reader: { format: 'parquet' },
      columns: own.map(
        ({ name }) => columns.find((column) => column.name.toLowerCase() === name.toLowerCase())!.name,
      ),
      keys: members.map(([key]) => key),
    })),
    rows,
    fingerprints: new Map(whole.map(({ key, fingerprint }) => [key, fingerprint])),
    nullCounts: {},
  });
}

/** Files that end as Parquet files do; what does not is reported. */
async function wholeFiles(plan: TablePlan, context: CrawlContext): Promise<ParquetFile[]> {
  const looked = await eachLimit(plan.files, 16, async (file) => {
    const path = await context.source.localFile(file.key);
    return { file, path, ...(await readParquetTail(path, file.bytes)) };
  });
  return looked.flatMap(({ file, path, fingerprint, damage }) => {
    if (damage === null) return [{ ...file, path, fingerprint }];
    context.problems.push(failure(plan.name, `the file ${damage}`, file.key));
    return [];
  });
}

interface Schema {
  columns: Column[];
  /** Key and rows of each file with these columns. */
  members: [string, number][];
}

/**
 * All footers in one statement: files by their schema, with their rows. The schema is compared as text;
 * field order and nesting are part of it.
 */
function schemasSql(files: readonly ParquetFile[]): string {
  const element =
    "concat_ws(' ', e.name, e.type, e.repetition_type, e.num_children, e.logical_type, e.duckdb_type)";
  const signature = `list_aggregate(list_transform(parquet_schema[2:], lambda e: ${element}), 'string_agg', '|')`;
  return `SELECT CAST(to_json({'files': list(file), 'rows': list(rows)}) AS VARCHAR)
FROM (SELECT parquet_file_metadata[1].file_name AS file, parquet_file_metadata[1].num_rows AS rows,
  md5(${signature}) AS signature FROM parquet_full_metadata(${listSql(files.map(({ path }) => path))}))
GROUP BY signature ORDER BY min(file)`;
}

async function readSchemas(files: readonly ParquetFile[], context: CrawlContext): Promise<Schema[]> {
  if (files.length === 0) return [];
  const keys = new Map(files.map(({ path, key }) => [path, key]));
  const answer = await context.runSql(schemasSql(files), [...keys.keys()]);
  const found = answer.rows.map(([json]) => JSON.parse(String(json)) as { files: string[]; rows: number[] });
  return eachLimit(found, 1, async (schema) => {
    const sample = schema.files[0]!;
    const { columns } = await context.runSql(
      `SELECT * FROM read_parquet(${listSql([sample])}, hive_partitioning = false) LIMIT 0`,
      [sample],
    );
    return {
      columns,
      members: schema.files.map((path, at): [string, number] => [keys.get(path)!, schema.rows[at]!]),
    };
  });
}

interface JoinTask {
  plan: TablePlan;
  context: CrawlContext;
  schemas: readonly Schema[];
  files: readonly ParquetFile[];
}

async function joinSchemas({ plan, context, schemas }: JoinTask): Promise<Column[]> {
  const { columns, drifts } = unionColumns(
    schemas.map(({ columns: own, members }) => ({ columns: own, key: members[0]![0] })),
  );
  for (const { message, key } of drifts) context.problems.push(warning(plan.name, message, key));
  if (columns.length > LIMITS.columns) {
    const message = `the table has ${columns.length} columns, the limit is ${LIMITS.columns}`;
    context.problems.push(failure(plan.name, message, plan.files[0]!.key));
  }
  return columns;
}
