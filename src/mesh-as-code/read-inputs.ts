import { isMeshError, type Problem } from '../base/errors.ts';
import type { Engine, TableReference } from '../engines/engine.ts';
import { bindValues } from '../pipelines/parameter-values.ts';
import type { DeclaredSql, MeshDeclaration } from './declaration.ts';

/** The tables that each SQL file names, by its path, and the files that are no SELECT we would run. */
export interface ReadInputs {
  tables: Map<string, TableReference[]>;
  problems: Problem[];
}

/** Has the engine parse and guard every SQL file of a folder, as it will when the pipeline runs. */
export async function readInputs(engine: Engine, declaration: MeshDeclaration): Promise<ReadInputs> {
  const read: ReadInputs = { tables: new Map(), problems: [] };
  for (const domain of declaration.domains) {
    for (const { datasets } of domain.products) {
      for (const { sql } of datasets) if (sql !== null) await readOne(engine, sql, read);
    }
  }
  return read;
}

async function readOne(engine: Engine, sql: DeclaredSql, read: ReadInputs): Promise<void> {
  try {
    const { settings } = sql.settings;
    const { tables } = await engine.parse(sql.text, bindValues(settings.parameters, {}));
    read.tables.set(sql.file, tables);
    judgeIncremental(sql, tables, read);
  } catch (error) {
    if (!isMeshError(error) || !/^(query|pipeline)\./.test(error.code)) throw error;
    const found =
      error.problems.length > 0 ? error.problems : [{ message: `${error.message}: ${error.fix}` }];
    for (const { message, place } of found) {
      read.problems.push({ message, place: `${sql.file}:${place ?? '1:1'}` });
    }
  }
}

/** What a run reads on must be one of the tables it reads. */
function judgeIncremental({ file, settings }: DeclaredSql, tables: TableReference[], read: ReadInputs): void {
  const input = settings.settings.incremental?.input;
  if (input === undefined) return;
  const isNamed = ({ schema, name }: TableReference) =>
    schema.toLowerCase() === input.schema && name.toLowerCase() === input.name;
  if (tables.some(isNamed)) return;
  const at = settings.lines.find(({ key }) => key === 'incremental');
  const message = `the SELECT does not read ${input.schema}.${input.name}`;
  read.problems.push({ message, place: `${file}:${at?.line ?? 1}:${at?.column ?? 1}` });
}

/**
 * Where a table is first named in a SQL text, as `file:line:column`. The parser keeps no positions, so the
 * name is looked for as SQL may write it, outside of comments and texts.
 */
export function placeOfTable({ file, text }: DeclaredSql, { schema, name }: TableReference): string {
  const quiet = text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (part) =>
    part.replaceAll(/[^\n]/g, ' '),
  );
  const identifier = (word: string) => `(?:"${escape(word.replaceAll('"', '""'))}"|\\b${escape(word)}\\b)`;
  const pattern = schema === '' ? identifier(name) : `${identifier(schema)}\\s*\\.\\s*${identifier(name)}`;
  const offset = new RegExp(pattern, 'i').exec(quiet)?.index ?? 0;
  const before = text.slice(0, offset).split('\n');
  return `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

function escape(word: string): string {
  return word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
