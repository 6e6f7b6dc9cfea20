/**
 * `npm run bench [-- --quick] [names…]`: runs the benchmarks, each in a process of its own, and prints one
 * table. Yardstick and subject run in turn in the same process; figures are medians.
 */
import { fork } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Line } from './bench.ts';
import { accessPlan } from './access-plan.ts';
import { approveAndRevoke } from './approve-and-revoke.ts';
import { contractTest } from './contract-test.ts';
import { crawl } from './crawl.ts';
import { explain } from './explain.ts';
import { exportRows } from './export-rows.ts';
import { governedQuery } from './governed-query.ts';
import { lineage } from './lineage.ts';
import { load } from './load.ts';
import { search } from './search.ts';
import { startUp } from './start-up.ts';

const BENCHES: Bench[] = [
  governedQuery,
  load,
  exportRows,
  contractTest,
  crawl,
  accessPlan,
  search,
  lineage,
  startUp,
  approveAndRevoke,
  explain,
];

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

if (process.send === undefined) await runAll();
else process.send(await BENCHES.find(({ name }) => name === names[0])!.run(options));

async function runAll(): Promise<void> {
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no benchmark ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}\n`,
    );
    process.exitCode = 64;
    return;
  }
  const chosen = BENCHES.filter(({ name }) => names.length === 0 || names.includes(name));
  const lines: Line[] = [];
  for (const { name } of chosen) {
    process.stderr.write(`${name} …\n`);
    lines.push(...(await inOwnProcess(name)));
  }
  process.stdout.write(options.json ? `${JSON.stringify(lines, null, 2)}\n` : printed(lines));
  if (lines.some(({ ok }) => ok === false)) process.exitCode = 1;
}

/** So that no benchmark finds the heap, caches or threads of the one before. */
function inOwnProcess(name: string): Promise<Line[]> {
  const args = [name, ...(options.quick ? ['--quick'] : [])];
  const child = fork(import.meta.filename, args, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  return new Promise((resolve) => {
    let answer: Line[] | undefined;
    child.once('message', (lines: Line[]) => {
      answer = lines;
      child.disconnect();
    });
    child.once('exit', (code) => resolve(answer ?? [failed(name, code)]));
  });
}

function failed(name: string, code: number | null): Line {
  return {
    subject: name,
    measured: `failed (exit code ${code})`,
    yardstick: '',
    result: '',
    bar: '',
    ok: false,
  };
}

function printed(lines: Line[]): string {
  const machine = `${availableParallelism()} processors (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}`;
  const head = ['bench', 'measured', 'yardstick', 'result', 'bar', ''];
  const rows = lines.map(({ subject, measured, yardstick, result, bar, ok }) => [
    subject,
    measured,
    yardstick,
    result,
    bar,
    ok === null ? '' : ok ? 'ok' : 'over',
  ]);
  const separator = head.map(() => '---');
  const table = [head, separator, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `\n${machine}${options.quick ? ', quick sizes' : ''}\n\n${table.join('\n')}\n`;
}
