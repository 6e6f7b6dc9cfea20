import type { DataType } from '../base/data-type.ts';
import type { CsvReader } from './crawled-table.ts';
import { misfitSql } from './infer-type.ts';
import { positionName, readCsvSql } from './relation-sql.ts';

/** What one pass over the rows of some files says. */
export interface CsvMeasure {
  files: { path: string; rows: number }[];
  /** By position of the column. */
  columns: Map<number, ColumnMeasure>;
}

export interface ColumnMeasure {
  /** Values that are not NULL. */
  values: number;
  filesWithValues: number;
  /** Values that the candidate type does not fit. */
  misfits: number;
  misfitFiles: string[];
  example: string | null;
}

export interface MeasuredColumn {
  index: number;
  type: DataType;
  /** strptime format of the candidate type. */
  dateFormat?: string | undefined;
}

export interface MeasureTask {
  reader: CsvReader;
  width: number;
  paths: readonly string[];
  columns: readonly MeasuredColumn[];
}

/** Files named as an example of misfits; more say nothing new. */
const SHOWN_FILES = 3;

/**
 * One statement that reads all files once: rows of each, and of each column the values, and those that its
 * candidate type does not fit. The answer is one row of JSON.
 */
export function measureSql(task: MeasureTask): string {
  const texts = task.columns.map((column) => positionName(column.index));
  const reads = task.columns.flatMap((column, at) => {
    const misfit = misfitSql(texts[at]!, column.type, {
      format: column.dateFormat,
      decimal: task.reader.decimal,
    });
    return [
      texts[at]!,
      ...(misfit === 'false' ? [] : [`CASE WHEN ${misfit} THEN ${texts[at]} END AS m${column.index}`]),
    ];
  });
  const typed = task.columns.filter(({ type }) => type.kind !== 'string');
  const sums = [
    ...texts.map((text) => `count(${text}) AS v_${text}`),
    ...typed.map(({ index }) => `count(m${index}) AS n${index}, min(m${index}) AS e${index}`),
  ];
  const perColumn = task.columns.map(({ index, type }) => columnJson(index, type));
  const source = readCsvSql(task.reader, {
    paths: task.paths,
    width: task.width,
    more: ['filename = true', 'hive_partitioning = false'],
  });
  return `WITH file AS MATERIALIZED (
  SELECT filename, count(*) AS rows${sums.map((sum) => `, ${sum}`).join('')}
  FROM (SELECT filename${reads.map((read) => `, ${read}`).join('')} FROM ${source})
  GROUP BY filename)
SELECT CAST(to_json({'files': list(filename), 'rows': list(rows), 'columns': [${perColumn.join(', ')}]}) AS VARCHAR) FROM file`;
}

function columnJson(index: number, type: DataType): string {
  const values = `to_json(sum(v_c${index})), to_json(count(*) FILTER (v_c${index} > 0))`;
  if (type.kind === 'string') return `json_array(${values}, 0, [], NULL)`;
  const files = `list(filename ORDER BY filename) FILTER (n${index} > 0)`;
  return `json_array(${values}, to_json(sum(n${index})), to_json(coalesce(${files}, [])[1:${SHOWN_FILES}]), min(e${index}))`;
}

/** Reads the answer of {@link measureSql}. */
export function readMeasure(task: MeasureTask, answer: unknown): CsvMeasure {
  const { files, rows, columns } = JSON.parse(String(answer)) as MeasureJson;
  return {
    files: (files ?? []).map((path, at) => ({ path, rows: rows?.[at] ?? 0 })),
    columns: new Map(
      task.columns.map(({ index }, at) => {
        const [values, filesWithValues, misfits, misfitFiles, example] = columns[at]!;
        return [index, { values: values ?? 0, filesWithValues, misfits: misfits ?? 0, misfitFiles, example }];
      }),
    ),
  };
}

interface MeasureJson {
  files: string[] | null;
  rows: number[] | null;
  columns: [number | null, number, number | null, string[], string | null][];
}
