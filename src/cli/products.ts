import type { Command } from 'commander';
import { MeshError } from '../base/errors.ts';
import { addBackfill } from './backfill.ts';
import { addBookmarks } from './bookmarks.ts';
import { bind, EXIT, type Session, type Shell } from './command.ts';
import { count, printTable } from './output.ts';
import { parametersText, writtenText, type Written } from './run-facts.ts';
import { valuesOf } from './set-values.ts';
import { type Impact, printImpact, printVerdict, type VersionVerdict } from './verdict.ts';

interface Run {
  id: string;
  dataset: string;
  state: string;
  rows: number | null;
  parameters: Record<string, string | null>;
  written: Written | null;
  error: { code: string; message: string; fix: string } | null;
  checks: {
    title: string;
    severity: string;
    outcome: 'passed' | 'failed' | 'not-run';
    passed: boolean;
    failures: number;
    measured: string | number | boolean | null;
    sample: { columns: string[]; rows: unknown[][] } | null;
  }[];
}

const OPEN = ['waiting', 'queued', 'running'];

export function addProducts(program: Command, shell: Shell): void {
  const product = program.command('product').description('publish, deprecate or retire a product');
  for (const verb of ['publish', 'deprecate', 'retire'] as const) {
    const command = product
      .command(verb)
      .argument('<product>', 'DOMAIN.PRODUCT, or DOMAIN.PRODUCT@MAJOR')
      .description(`${verb} a product`)
      .option('--dry-run', 'judge only, change nothing');
    if (verb === 'publish') command.option('--sunset <date>', 'last day on which the major before is served');
    if (verb === 'deprecate') command.option('--sunset <date>', 'last day on which it is served');
    bind(command, shell, async (session, [name = ''], options) => {
      const dryRun = options['dryRun'] === true;
      const body = { dryRun, ...(verb === 'retire' ? {} : { sunset: options['sunset'] }) };
      const answer = await session.client.call<{ status: string; version: string; verdict?: VersionVerdict }>(
        {
          method: 'POST',
          path: `${pathOf(name)}/${verb}`,
          body,
        },
      );
      if (session.out.json) return session.out.write(`${JSON.stringify(answer, null, 2)}\n`);
      if (answer.verdict !== undefined)
        printVerdict(session.out, `${name} ${answer.version}`, answer.verdict);
      session.out.write(`${name} ${dryRun ? 'may become' : 'is'} ${answer.status}\n`);
    });
  }

  const impact = product
    .command('impact')
    .argument('<name>', 'DOMAIN.PRODUCT[.DATASET[.COLUMN]]')
    .description('who read it in the last 90 days');
  bind(impact, shell, showImpact);
  addPipelines(program, shell);
}

function addPipelines(program: Command, shell: Shell): void {
  const pipeline = program.command('pipeline').description('run pipelines and see how they went');
  const run = pipeline
    .command('run')
    .argument('<product>', 'DOMAIN.PRODUCT')
    .description('run the pipelines of a product and wait for the end')
    .option('--set <name=value...>', 'a value for a parameter of the SQL')
    .option('--no-wait', 'return as soon as the runs are queued');
  bind(run, shell, async (session, [name = ''], options) => {
    const answer = await session.client.call<{ runs: { id: string }[] }>({
      method: 'POST',
      path: `${pathOf(name)}/run`,
      body: { parameters: valuesOf(options['set']) },
    });
    const ids = answer.runs.map(({ id }) => id);
    const runs =
      options['wait'] === false ? await readRuns(session, name, ids) : await waitFor(session, name, ids);
    return printRuns(session, runs);
  });
  addBackfill(pipeline, shell);
  addBookmarks(pipeline, shell);
  const runs = pipeline
    .command('runs')
    .argument('<product>', 'DOMAIN.PRODUCT')
    .description('the last runs of a product');
  bind(runs, shell, async (session, [name = '']) => {
    printRuns(session, await readRuns(session, name, null));
  });
}

async function showImpact({ client, out }: Session, [name = '']: string[]): Promise<void> {
  const [domain = '', product = '', dataset, ...column] = name.split('.');
  const query = new URLSearchParams({
    ...(dataset === undefined ? {} : { dataset }),
    ...(column.length === 0 ? {} : { column: column.join('.') }),
  });
  const path = `${pathOf(`${domain}.${product}`)}/impact?${query}`;
  const answer = await client.call<{ since: string; impact: Impact[] }>({ method: 'GET', path });
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer.impact.length > 0) printImpact(out, answer.impact);
  else out.write(`nobody has read ${name} since ${answer.since}\n`);
}

/** `sales.sell-out` -> `/products/sales/sell-out`. */
export function pathOf(name: string): string {
  const parts = name.split('.');
  if (parts.length !== 2) throw new MeshError('cli.product-name', { facts: { name } });
  return `/products/${parts.map(encodeURIComponent).join('/')}`;
}

async function readRuns({ client }: Session, name: string, ids: string[] | null): Promise<Run[]> {
  const { runs } = await client.call<{ runs: Run[] }>({ method: 'GET', path: `${pathOf(name)}/runs` });
  return ids === null ? runs : runs.filter(({ id }) => ids.includes(id));
}

async function waitFor(session: Session, name: string, ids: string[]): Promise<Run[]> {
  const { out, shell } = session;
  const started = Date.now();
  for (;;) {
    const runs = await readRuns(session, name, ids);
    const open = runs.filter(({ state }) => OPEN.includes(state));
    if (process.stderr.isTTY && !out.json) {
      out.say(
        `\r${runs.length - open.length} of ${runs.length} done, ${Math.round((Date.now() - started) / 1000)} s `,
      );
    }
    if (open.length === 0 || shell.signal.aborted) {
      if (process.stderr.isTTY && !out.json) out.say('\r\u001b[K');
      return runs;
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function printRuns({ out }: Session, runs: Run[]): number {
  const bad = runs.some(({ state }) => state !== 'released' && !OPEN.includes(state));
  if (out.json) {
    out.write(`${JSON.stringify({ runs }, null, 2)}\n`);
    return bad ? EXIT.failed : EXIT.ok;
  }
  printTable(
    out,
    ['run', 'dataset', 'state', 'rows', 'written', 'checks', 'parameters'],
    runs.map((run) => [
      run.id,
      run.dataset,
      run.state,
      run.rows === null ? '' : count(run.rows),
      writtenText(run.written),
      checksOf(run),
      parametersText(run.parameters),
    ]),
  );
  for (const run of runs) printTrouble(run, out);
  return bad ? EXIT.failed : EXIT.ok;
}

function checksOf({ checks }: Run): string {
  const run = checks.filter(({ outcome }) => outcome !== 'not-run');
  const warnings = run.filter(({ passed, severity }) => !passed && severity === 'warning').length;
  const passed = `${run.filter((check) => check.passed).length} of ${run.length} passed`;
  return run.length === 0 ? '' : warnings === 0 ? passed : `${passed}, ${warnings} warnings`;
}

/** Checks of rows count failing rows; a query of the contract gives a measure. */
function foundBy({ failures, measured }: Run['checks'][number]): string {
  return failures > 0 || measured === null ? `${count(failures)} failing rows` : `measured ${measured}`;
}

function printTrouble(run: Run, out: Session['out']): void {
  if (run.error !== null) out.write(`\n${run.dataset}: ${run.error.message}\n  → ${run.error.fix}\n`);
  for (const check of run.checks.filter(({ outcome }) => outcome === 'failed')) {
    out.write(`\n${run.dataset}: ${check.severity}: ${check.title}: ${foundBy(check)}\n`);
    if (check.sample === null || check.sample.rows.length === 0) continue;
    printTable(
      out,
      check.sample.columns,
      check.sample.rows.slice(0, 5).map((row) => row.map((value) => (value === null ? null : String(value)))),
    );
  }
}
