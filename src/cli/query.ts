import { type Command, Option } from 'commander';
import { bind, type Session, type Shell } from './command.ts';
import { download } from './download.ts';
import { type Cell, count, dim, printTable, red } from './output.ts';

interface QueryAnswer {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  rowCount: number;
  truncated: boolean;
  elapsedMs: number;
  warnings: { dataset: string; severity: string; summary: string }[];
}

/** Rows a terminal shows; files have no such limit. */
const SHOWN_ROWS = 1_000;

export function addQuery(program: Command, shell: Shell): void {
  const query = program
    .command('query')
    .argument('<sql>', 'one SELECT over the datasets you may read')
    .description('run governed SQL')
    .addOption(
      new Option('--format <format>', 'of the answer')
        .choices(['table', 'csv', 'json', 'ndjson', 'parquet', 'arrow'])
        .default('table'),
    )
    .option('-o, --output <file>', 'write to a file')
    .option('--purpose <purpose>', 'which subscription to use, where several apply')
    .option('--at <time>', 'the releases as of this time (what you may see stays today’s)');
  bind(query, shell, async (session, [sql = ''], options) => {
    const body = { sql, purpose: options['purpose'], at: options['at'] };
    const format = String(options['format']);
    const file = options['output'];
    if (format === 'table' && file === undefined) return showTable(session, body);
    const call = {
      method: 'POST' as const,
      path: '/query',
      body: { ...body, format: format === 'table' ? 'csv' : format },
    };
    return download(session, call, file as string | undefined);
  });
}

async function showTable({ client, out, shell }: Session, body: object): Promise<void> {
  const answer = await client.call<QueryAnswer>({
    method: 'POST',
    path: '/query',
    body: { ...body, format: 'rows', limit: SHOWN_ROWS },
    signal: shell.signal,
  });
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  const shown = answer.rows.map((row) => row.map(showValue));
  printTable(
    out,
    answer.columns.map(({ name }) => name),
    shown,
  );
  for (const { dataset, severity, summary } of answer.warnings) {
    out.say(`${red(out, severity)} ${dataset}: ${summary}\n`);
  }
  const more = answer.truncated ? ` (more exist; --format csv -o FILE gives all)` : '';
  out.say(dim(out, `${count(answer.rowCount)} rows in ${Math.round(answer.elapsedMs)} ms${more}\n`));
}

function showValue(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return JSON.stringify(value);
}
