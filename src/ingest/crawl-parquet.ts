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
  const schemas = await readSchemas(await readFooters(plan, whole, context), context);
  const columns = await joinSchemas({ plan, context, schemas });
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
function footersSql(files: readonly ParquetFile[]): string {
  const element =
    "concat_ws(' ', e.name, e.type, e.repetition_type, e.num_children, e.logical_type, e.duckdb_type)";
  const signature = `list_aggregate(list_transform(parquet_schema[2:], lambda e: ${element}), 'string_agg', '|')`;
  return `SELECT CAST(to_json({'signature': signature, 'files': list(file), 'rows': list(rows)}) AS VARCHAR)
FROM (SELECT parquet_file_metadata[1].file_name AS file, parquet_file_metadata[1].num_rows AS rows,
  md5(${signature}) AS signature FROM parquet_full_metadata(${listSql(files.map(({ path }) => path))}))
GROUP BY signature ORDER BY min(file)`;
}

/** Files with one schema, as the footers say. */
interface Footers {
  members: { file: ParquetFile; rows: number }[];
}

/** Reads all footers once; when one of them cannot be read, the others in as few statements as possible. */
async function readFooters(
  plan: TablePlan,
  files: readonly ParquetFile[],
  context: CrawlContext,
): Promise<Footers[]> {
  const bySignature = new Map<string, Footers>();
  await readableFiles(files, {
    attempt: async (some) => {
      const byPath = new Map(some.map((file) => [file.path, file]));
      const answer = await context.runSql(footersSql(some), [...byPath.keys()]);
      for (const [json] of answer.rows) {
        const found = JSON.parse(String(json)) as { signature: string; files: string[]; rows: number[] };
        const footers = bySignature.get(found.signature) ?? { members: [] };
        found.files.forEach((path, at) =>
          footers.members.push({ file: byPath.get(path)!, rows: found.rows[at]! }),
        );
        bySignature.set(found.signature, footers);
      }
    },
    refuse: ({ key }) =>
      context.problems.push(failure(plan.name, 'the footer cannot be read: the file is damaged', key)),
  });
  return [...bySignature.values()];
}

/** The columns of each group of footers, as DuckDB reads one of their files. */
function readSchemas(footers: readonly Footers[], context: CrawlContext): Promise<Schema[]> {
  return eachLimit(footers, 1, async ({ members }) => {
    const sample = members[0]!.file.path;
    const { columns } = await context.runSql(
      `SELECT * FROM read_parquet(${listSql([sample])}, hive_partitioning = false) LIMIT 0`,
      [sample],
    );
    return { columns, members: members.map(({ file, rows }): [string, number] => [file.key, rows]) };
  });
}

interface JoinTask {
  plan: TablePlan;
  context: CrawlContext;
  schemas: readonly Schema[];
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
