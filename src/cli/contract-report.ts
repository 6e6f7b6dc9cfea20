import type { CheckResult } from '../pipelines/check-result.ts';
import type { TableReport } from '../pipelines/contract-test/report.ts';
import { count, dim, type Output, printTable, red } from './output.ts';

/** What a check came to, in a word. */
function wordOf({ outcome, severity, error }: CheckResult): string {
  if (outcome !== 'failed') return outcome === 'not-run' ? 'not run' : outcome;
  if (severity === 'warning') return 'warning';
  return error !== null && error !== '' ? 'error' : 'failed';
}

/** What it measured, in words: `12 failing rows`, `1.5 day`. */
function measuredBy({ failures, measured, unit, error, outcome }: CheckResult): string {
  if (error !== null) return error;
  if (unit !== null && measured !== null) return `${round(measured)} ${unit}`;
  if (failures > 0) return `${count(failures)} failing ${failures === 1 ? 'row' : 'rows'}`;
  if (measured === null) return '';
  return outcome === 'passed' && String(measured) === '0' ? '' : round(measured);
}

function round(value: string | number | boolean): string {
  const number = Number(value);
  return typeof value === 'boolean' || !Number.isFinite(number)
    ? String(value)
    : String(Math.round(number * 1000) / 1000);
}

const SHOWN_ROWS = 5;

/** The reports for people, failing rows below. */
export function printReports(out: Output, reports: TableReport[]): void {
  for (const report of reports) {
    printTable(
      out,
      ['result', 'check', 'measured', 'ms'],
      report.checks.map((check) => [
        wordOf(check),
        check.title,
        measuredBy(check),
        Math.round(check.elapsedMs),
      ]),
    );
    for (const check of report.checks) printSample(out, check);
    out.write(`\n${summaryOf(out, report)}\n`);
  }
}

function printSample(out: Output, { outcome, sample, title }: CheckResult): void {
  if (outcome !== 'failed' || sample === null || sample.rows.length === 0) return;
  out.write(`\n${title}\n`);
  printTable(
    out,
    sample.columns,
    sample.rows.slice(0, SHOWN_ROWS).map((row) => row.map(cellOf)),
  );
}

function cellOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function summaryOf(out: Output, { object, data, outcome, checks, rows, elapsedMs }: TableReport): string {
  const run = checks.filter((check) => check.outcome !== 'not-run');
  const passed = run.filter((check) => check.passed).length;
  const skipped = checks.length - run.length;
  const word = outcome === 'failed' ? red(out, 'failed') : outcome;
  const looked = rows === null ? '' : `, ${count(rows)} rows`;
  const left = skipped === 0 ? '' : `, ${skipped} not run`;
  return `${object} ${word}: ${passed} of ${run.length} checks passed${left}${dim(out, ` (${data}${looked}, ${elapsedMs} ms)`)}`;
}

/** JUnit's form, which every CI server shows: one suite an object, one case a check. */
export function junitXml(reports: TableReport[]): string {
  const suites = reports.map((report) => {
    const cases = report.checks.map((check) => junitCase(report, check));
    const of = (word: string) => report.checks.filter((check) => wordOf(check) === word).length;
    const counts = `tests="${cases.length}" failures="${of('failed')}" errors="${of('error')}" skipped="${of('not run')}"`;
    const name = `${report.contract.id} ${report.contract.version} ${report.object}`;
    return `  <testsuite name="${xml(name)}" ${counts} time="${report.elapsedMs / 1000}">\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="contract test">\n${suites.join('')}</testsuites>\n`;
}

function junitCase({ contract, object }: TableReport, check: CheckResult): string {
  const name = `${check.title} [${check.id}]`;
  const head = `    <testcase classname="${xml(`${contract.id}.${object}`)}" name="${xml(name)}" time="${check.elapsedMs / 1000}"`;
  const said = measuredBy(check);
  const bodies: Record<string, string> = {
    passed: '',
    failed: `<failure message="${xml(said)}"/>`,
    error: `<error message="${xml(said)}"/>`,
    // JUnit knows no warnings: the case passes and says so.
    warning: `<system-out>warning: ${xml(said)}</system-out>`,
    'not run': `<skipped message="${xml(said)}"/>`,
  };
  const body = bodies[wordOf(check)]!;
  return body === '' ? `${head}/>\n` : `${head}>${body}</testcase>\n`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 §2.2: most control characters may not stand in a document at all. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"]/g, (sign) => ENTITIES[sign]!);
}
