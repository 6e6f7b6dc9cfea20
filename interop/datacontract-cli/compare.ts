import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** One contract and one file for both programs; each rule fails or holds on purpose. */
const [folder = '', datacontract = ''] = process.argv.slice(2);
const ROWS = 1_000_000;

const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: lines
version: 1.0.0
status: active
servers:
  - { server: local, type: local, path: ${join(folder, 'lines.parquet')}, format: parquet }
schema:
  - name: lines
    properties:
      - { name: id, logicalType: integer, physicalType: BIGINT, required: true, unique: true }
      - { name: region, logicalType: string, physicalType: VARCHAR, required: true }
      - name: store
        logicalType: string
        physicalType: VARCHAR
        quality:
          - { id: store-form, metric: invalidValues, arguments: { pattern: '^store-[0-9]+$' }, mustBe: 0 }
          - { id: store-once, metric: duplicateValues, mustBe: 0 }
      - name: units
        logicalType: integer
        physicalType: INTEGER
        quality:
          - { id: units-given, metric: nullValues, mustBe: 0 }
          - { id: units-sum, type: sql, query: 'SELECT sum(units) FROM lines', mustBeGreaterThan: 0 }
          - { id: units-known, metric: invalidValues, arguments: { validValues: [1, 2, 3] }, mustBe: 0 }
    quality:
      - { id: rows, metric: rowCount, mustBeGreaterThan: 999999 }
      - { id: once, metric: duplicateValues, arguments: { properties: [region, store] }, mustBe: 0 }
`;

async function writeRows(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT i AS id, CASE WHEN i = 7 THEN NULL ELSE 'NORTH' END AS region,
    'store-' || i % 500 AS store, CASE WHEN i % 100 = 0 THEN NULL ELSE (i % 50)::INTEGER END AS units
    FROM range(${ROWS}) AS r(i)) TO '${join(folder, 'lines.parquet')}'`);
  connection.closeSync();
}

/** Milliseconds of a whole process; that rules fail is its answer, not its failure. */
function run(command: string, args: string[]): number {
  const started = performance.now();
  spawnSync(command, args, { cwd: folder, stdio: 'ignore' });
  return performance.now() - started;
}

interface TheirCheck {
  key: string;
  field: string | null;
  type: string;
  qualityId: string | null;
  result: string;
}

/** Their checks by the ids that ours have; what only one of the two checks is left out. */
function theirVerdicts(file: string): Map<string, boolean> {
  const { checks } = JSON.parse(readFileSync(file, 'utf8')) as { checks: TheirCheck[] };
  const named = checks.map(({ type, field, qualityId, result }): [string, boolean] => {
    const schema = /^field_(required|unique)$/.exec(type)?.[1];
    return [qualityId ?? (schema === undefined ? '' : `${field}.${schema}`), result === 'passed'];
  });
  return new Map(named.filter(([id]) => id !== ''));
}

function ourVerdicts(file: string): Map<string, boolean> {
  const { reports } = JSON.parse(readFileSync(file, 'utf8')) as {
    reports: { checks: { id: string; passed: boolean }[] }[];
  };
  return new Map(reports.flatMap(({ checks }) => checks.map(({ id, passed }) => [id, passed] as const)));
}

await writeRows();
const [theirs, ours] = ['theirs', 'ours'].map((name) => join(folder, `${name}.odcs.yaml`)) as [
  string,
  string,
];
writeFileSync(theirs, CONTRACT);
// The one difference: their queries name the table, ours the variable of ODCS.
writeFileSync(ours, CONTRACT.replace('FROM lines', 'FROM {object}'));
const [theirFile, ourFile] = [join(folder, 'theirs.json'), join(folder, 'ours.json')];
const main = join(import.meta.dirname, '..', '..', 'src/main.ts');
const data = join(folder, 'lines.parquet');
const times: { us: number; them: number }[] = [];
for (let round = 0; round < 2; round++) {
  const them = run(datacontract, ['test', theirs, '--output-format', 'json', '--output', theirFile]);
  const us = run(process.execPath, [main, 'contract', 'test', ours, data, '--format', 'json', '-o', ourFile]);
  times.push({ us, them });
}
const them = theirVerdicts(theirFile);
const us = ourVerdicts(ourFile);
let [passed, failed] = [0, 0];
for (const [id, verdict] of them) {
  const agrees = us.get(id) === verdict;
  if (agrees) passed++;
  else failed++;
  process.stdout.write(`${agrees ? 'agrees ' : 'DIFFERS'} ${id}: ${verdict ? 'passed' : 'failed'}\n`);
}
// Ten rules are known to both: fewer would mean that the answers were not understood.
if (them.size < 10) failed++;
const last = times.at(-1)!;
process.stdout.write(
  `whole process, ${ROWS} rows: crossdock ${Math.round(last.us)} ms, datacontract-cli ${Math.round(last.them)} ms, ` +
    `ratio ${(last.us / last.them).toFixed(2)}\n${passed} passed, ${failed} failed\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
