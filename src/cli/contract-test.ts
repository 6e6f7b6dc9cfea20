import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { MeshError } from '../base/errors.ts';
import type { TableReport } from '../pipelines/contract-test/report.ts';
import { bind, EXIT, type Options, type Session, type Shell } from './command.ts';
import { junitXml, printReports } from './contract-report.ts';
import { testDataset } from './test-dataset.ts';
import { testLocally } from './test-locally.ts';

const DATASET = /^[^./\\]+\.[^./\\]+\.[^./\\]+$/;

/** A dataset is tested by the server; files and PostgreSQL tables here, where neither server nor mesh is needed. */
export function addContractTest(contract: Command, shell: Shell): void {
  const test = contract
    .command('test')
    .argument('<contract>', 'an ODCS contract, or DOMAIN.PRODUCT.DATASET with its own')
    .argument('[data]', 'file or folder of CSV, JSON, NDJSON or Parquet')
    .description('test data against a contract: schema, quality rules, relationships, service levels')
    .option('--dataset <name>', 'test the released rows of DOMAIN.PRODUCT.DATASET')
    .option('--purpose <purpose>', 'with a dataset: which subscription to use, where several apply')
    .option('--object <name>', 'only this object of the contract')
    .option('--table <name>', 'the folder’s table, or PostgreSQL’s schema.table')
    .option('--reference <name=path...>', 'data of an object that relationships lead to')
    .option('--postgres <url>', 'test a PostgreSQL table; PGUSER and PGPASSWORD hold the credentials')
    .option(
      '--variable <name=value...>',
      'a value for ${NAME} in the contract; NAME alone takes it from the environment',
    )
    .option('--server <name>', 'test what this entry of the contract’s `servers` names')
    .addOption(
      new Option('--format <format>', 'of the results').choices(['table', 'json', 'junit']).default('table'),
    )
    .option('-o, --output <file>', 'write the results to a file');
  bind(test, shell, async (session, [target = '', data], options) => {
    const fault = usageFault(target, data, options);
    if (fault !== null) return test.error(`error: ${fault}`, { exitCode: EXIT.usage });
    const reports = isDataset(target, options)
      ? [await testDataset(session, { target, options })]
      : await testLocally(session, { file: target, data, options });
    await show(session, reports, options);
    return reports.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok;
  });
}

function isDataset(target: string, options: Options): boolean {
  return options['dataset'] !== undefined || (DATASET.test(target) && !existsSync(target));
}

/** What commander cannot see: where the rows come from is said once. */
function usageFault(target: string, data: string | undefined, options: Options): string | null {
  const places = [data, options['postgres'], options['server'], options['dataset']];
  const given = places.filter((place) => place !== undefined).length;
  if (isDataset(target, options)) {
    const name = String(options['dataset'] ?? target);
    if (!DATASET.test(name)) return `${name} is no DOMAIN.PRODUCT.DATASET`;
    return given <= 1 && data === undefined
      ? null
      : 'a dataset is tested on its own rows: name no other data';
  }
  if (given === 0) return 'name the data: a file or folder, --postgres, --server or --dataset';
  if (given > 1) return 'name one place of data: a file or folder, --postgres, --server or --dataset';
  if (options['postgres'] !== undefined && options['table'] === undefined) {
    return '--postgres needs the --table schema.table';
  }
  return null;
}

async function show(session: Session, reports: TableReport[], options: Options): Promise<void> {
  const { out } = session;
  const file = options['output'] as string | undefined;
  const format = out.json ? 'json' : options['format'];
  const texts: string[] = [];
  const into =
    file === undefined ? out : { ...out, color: false, write: (text: string) => void texts.push(text) };
  if (format === 'json') into.write(`${JSON.stringify({ reports }, null, 2)}\n`);
  else if (format === 'junit') into.write(junitXml(reports));
  else printReports(into, reports);
  if (file === undefined) return;
  await writeFile(file, texts.join('')).catch((cause: unknown) => {
    throw new MeshError('cli.file', { facts: { path: file }, cause });
  });
  for (const { object, outcome } of reports) out.say(`${object} ${outcome}: see ${file}\n`);
}
