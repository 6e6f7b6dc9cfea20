import type { Column } from '../base/data-type.ts';
import { LIMITS } from '../base/limits.ts';
import { buildTable, type SoundTable } from './build-table.ts';
import { isAboutFiles, type CrawlContext } from './crawl-context.ts';
import { failure, warning } from './crawled-table.ts';
import { eachLimit } from './each-limit.ts';
import { readParquetTail } from './file-head.ts';
import { listSql } from './relation-sql.ts';
import type { PlannedFile, TablePlan } from './table-plan.ts';
import { unionColumns } from './union-columns.ts';
import type { ParquetFooter } from './walk-footer.ts';

interface ParquetFile extends PlannedFile {
  path: string;
  fingerprint: string;
  footer: ParquetFooter;
}

/** Crawls Parquet files by their footers; no row is read. */
export async function crawlParquet(plan: TablePlan, context: CrawlContext): Promise<SoundTable> {
  const whole = await wholeFiles(plan, context);
  const schemas = await readSchemas(plan, whole, context);
  const columns = await joinSchemas({ plan, context, schemas });
  const rows = new Map(schemas.flatMap(({ files }) => files.map(({ key, footer }) => [key, footer.rows])));
  return buildTable(plan, {
    columns,
    dateFormats: {},
    groups: schemas.map(({ columns: own, files }) => ({
      reader: { format: 'parquet' },
      columns: own.map(
        ({ name }) => columns.find((column) => column.name.toLowerCase() === name.toLowerCase())!.name,
      ),
      keys: files.map(({ key }) => key),
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
  return looked.flatMap(({ file, path, fingerprint, footer, damage }) => {
    if (footer !== null) return [{ ...file, path, fingerprint, footer }];
    context.problems.push(failure(plan.name, `the file ${damage}`, file.key));
    return [];
  });
}

/** Files with the same columns. */
interface Schema {
  columns: Column[];
  files: ParquetFile[];
}

/** The columns of the files; those of one schema are as DuckDB reads one of them. */
async function readSchemas(
  plan: TablePlan,
  files: readonly ParquetFile[],
  context: CrawlContext,
): Promise<Schema[]> {
  const schemas = new Map<string, Schema>();
  for (const alike of Map.groupBy(files, ({ footer }) => footer.schema).values()) {
    const found = await readSchema(plan, alike, context);
    if (found === null) continue;
    // Writers note more in a schema than the columns, such as field ids.
    const columns = JSON.stringify(found.columns);
    const known = schemas.get(columns);
    if (known === undefined) schemas.set(columns, found);
    else known.files.push(...found.files);
  }
  return [...schemas.values()];
}

/** Asks one file after the other, for the first may be damaged and the others not; null where none can be read. */
async function readSchema(
  plan: TablePlan,
  alike: readonly ParquetFile[],
  context: CrawlContext,
): Promise<Schema | null> {
  for (const [at, { key, path }] of alike.entries()) {
    try {
      const { columns } = await context.runSql(
        `SELECT * FROM read_parquet(${listSql([path])}, hive_partitioning = false) LIMIT 0`,
        [path],
      );
      return { columns, files: alike.slice(at) };
    } catch (error) {
      if (!isAboutFiles(error)) throw error;
      context.problems.push(failure(plan.name, 'the file is damaged: its footer cannot be read', key));
    }
  }
  return null;
}

interface JoinTask {
  plan: TablePlan;
  context: CrawlContext;
  schemas: readonly Schema[];
}

async function joinSchemas({ plan, context, schemas }: JoinTask): Promise<Column[]> {
  const { columns, drifts } = unionColumns(
    schemas.map(({ columns: own, files }) => ({ columns: own, key: files[0]!.key })),
  );
  for (const { message, key } of drifts) context.problems.push(warning(plan.name, message, key));
  if (columns.length > LIMITS.columns) {
    const message = `the table has ${columns.length} columns, the limit is ${LIMITS.columns}`;
    context.problems.push(failure(plan.name, message, plan.files[0]!.key));
  }
  return columns;
}
