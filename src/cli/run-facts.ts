import type { Problem } from '../base/errors.ts';
import { EXIT } from './command.ts';
import { bold, cellText, count, dim, type Output, printProblems, printTable } from './output.ts';

export interface Run {
  id: string;
  dataset: string;
  state: string;
  rows: number | null;
  parameters: Record<string, string | null>;
  written: Written | null;
  error: { code: string; message: string; fix: string; problems?: Problem[] } | null;
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

export interface RunGroup {
  id: string;
  product: string;
  state: string;
  steps: {
    id: string;
    dataset: string;
    /** Of a backfill. */
    value: string | null;
    state: string;
    attempt: number;
    rows: number | null;
    needs: string[];
    waitsFor: string | null;
    message: string | null;
  }[];
}

export interface ShownRun extends Run {
  trigger: string;
  requestedBy: string;
  queuedAt: string;
  attempt: number;
  release: number | null;
  durationMs: number | null;
  waitsFor: string | null;
  inputs: Record<string, string | number | object>[];
  phases: { name: string; attempt: number; startedAt: string; finishedAt: string | null }[];
  log: { at: string; text: string }[];
  group: RunGroup;
  stepsLeftOut: number;
}

const OPEN = ['waiting', 'queued', 'running'];

export function isOpen({ state }: { state: string }): boolean {
  return OPEN.includes(state);
}

/** What a run wrote: how, and how many rows of the table are new, changed, gone or as they were. */
export type Written = { mode?: string } & Partial<Record<(typeof COUNTS)[number], number>>;

const COUNTS = ['inserted', 'updated', 'deleted', 'unchanged'] as const;

/** `merge: 2 inserted, 1 deleted`; nothing of a run that wrote nothing. */
export function writtenText(written: Written | null): string {
  if (written?.mode === undefined) return '';
  const parts = COUNTS.filter((name) => (written[name] ?? 0) > 0).map((name) => `${written[name]} ${name}`);
  return `${written.mode}: ${parts.length === 0 ? 'no row changed' : parts.join(', ')}`;
}

/** `day=2024-01-01 region=NULL`. */
export function parametersText(parameters: Record<string, string | null>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value ?? 'NULL'}`)
    .join(' ');
}

/** A step of a backfill is known by its value. */
export function nameOf({ value, dataset }: RunGroup['steps'][number]): string {
  return value ?? dataset;
}

const BAR_WIDTH = 20;

/** `[██████░░░░░░] 1 of 3 steps, clean is running, 4 s`. */
export function progressText({ steps }: Pick<RunGroup, 'steps'>, elapsedMs: number): string {
  const done = steps.filter((step) => !isOpen(step)).length;
  const filled = Math.floor((done / steps.length) * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const now = steps.find(({ state }) => state === 'running');
  const waiting = steps.find(({ state }) => state === 'queued');
  const what =
    now !== undefined
      ? `, ${nameOf(now)} is running`
      : waiting !== undefined
        ? `, ${nameOf(waiting)} waits for ${waiting.waitsFor}`
        : '';
  return `[${bar}] ${done} of ${steps.length} steps${what}, ${Math.round(elapsedMs / 1000)} s`;
}

/** Returns the exit code: failed when a run of them did not release. */
export function printRuns(out: Output, runs: Run[], group?: string): number {
  const bad = runs.some((run) => run.state !== 'released' && !isOpen(run));
  if (out.json) {
    out.write(`${JSON.stringify({ ...(group === undefined ? {} : { group }), runs }, null, 2)}\n`);
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

/** One run with everything about it. */
export function printRun(out: Output, run: ShownRun): void {
  const { group, release } = run;
  out.write(
    `${bold(out, `${group.product}.${run.dataset}`)} ${run.state}${release === null ? '' : ` as release ${release}`}\n`,
  );
  const lines: [string, string][] = [
    ['run', `${run.id} of ${group.id}`],
    ['started by', `${run.trigger}, ${run.requestedBy}`],
    ['queued at', run.queuedAt],
    ['waits for', run.waitsFor ?? ''],
    ['attempts', run.attempt > 1 ? String(run.attempt) : ''],
    ['took', run.durationMs === null ? '' : `${(run.durationMs / 1000).toFixed(1)} s`],
    ['wrote', writtenText(run.written)],
    ['rows', run.rows === null ? '' : count(run.rows)],
    ['checks', checksOf(run)],
    ['parameters', parametersText(run.parameters)],
  ];
  for (const [name, text] of lines) if (text !== '') out.write(`  ${name.padEnd(10)}  ${text}\n`);
  out.write('\n');
  printTable(
    out,
    ['step', 'state', 'rows', 'after', 'why'],
    group.steps.map((step) => [
      nameOf(step),
      step.state,
      step.rows === null ? '' : count(step.rows),
      step.needs.join(', '),
      step.waitsFor ?? step.message ?? '',
    ]),
  );
  if (run.stepsLeftOut > 0) out.write(`and ${run.stepsLeftOut} more steps\n`);
  if (run.phases.length > 0) out.write('\n');
  for (const phase of run.phases) out.write(`${phase.name.padEnd(8)} ${phaseText(phase)}\n`);
  if (run.log.length > 0) out.write('\n');
  for (const { at, text } of run.log) out.write(`${dim(out, at)} ${cellText(text)}\n`);
  printTrouble(run, out);
}

function phaseText({ startedAt, finishedAt }: ShownRun['phases'][number]): string {
  if (finishedAt === null) return `since ${startedAt}`;
  return `${Date.parse(finishedAt) - Date.parse(startedAt)} ms`;
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

function printTrouble(run: Run, out: Output): void {
  if (run.error !== null) {
    out.write(`\n${run.dataset}: ${run.error.message}\n`);
    printProblems(out.write, run.error.problems ?? []);
    out.write(`  → ${run.error.fix}\n`);
  }
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
