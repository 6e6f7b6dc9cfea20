import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { MeshError } from '../base/errors.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { SchemaObject } from '../contracts/odcs-schema.ts';
import { needVariables, readContract } from '../contracts/read-contract.ts';
import { type LocalTable, openLocalTable, type Workbench } from '../pipelines/contract-test/local-table.ts';
import type { TableReport } from '../pipelines/contract-test/report.ts';
import { type TestData, testTables } from '../pipelines/contract-test/test-tables.ts';
import { openPostgresTable } from '../pipelines/contract-test/postgres-table.ts';
import type { Options, Session } from './command.ts';
import { variablesOf } from './contract-variables.ts';
import { placeOfServer, placeOfUrl, serverOf, tableOf, wrong } from './postgres-place.ts';

export interface LocalTest {
  /** The contract's file. */
  file: string;
  data: string | undefined;
  options: Options;
}

/** Tests files or a PostgreSQL table on this machine, by the engine that the server uses as well. */
export async function testLocally(session: Session, test: LocalTest): Promise<TableReport[]> {
  const { shell, out } = session;
  const contract = await contractOf(session, test);
  const places = placesOf(contract, test.options['object'] as string | undefined);
  const scratch = await mkdtemp(join(tmpdir(), 'crossdock-test-'));
  const memoryBytes = shell.config.workerMemoryBytes;
  const engine = await shell.openEngine(scratch, memoryBytes);
  const bench: Workbench = { engine, scratch, memoryBytes, signal: shell.signal };
  try {
    const data = await dataOf(session, bench, { ...test, contract });
    const onProgress = (done: number, total: number) => {
      if (process.stderr.isTTY && !out.json) out.say(`\r${done} of ${total} checks \u001b[K`);
    };
    return await testTables({ ...bench, contract, places, data, now: new Date(), onProgress });
  } finally {
    if (process.stderr.isTTY && !out.json) out.say('\r\u001b[K');
    await engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Variables of what is used: of the servers only the one that is tested. */
async function contractOf({ shell }: Session, { file, options }: LocalTest): Promise<Contract> {
  const content = await readFile(file).catch((cause: unknown) => {
    throw new MeshError('cli.file', { facts: { path: file }, cause });
  });
  const document = readContract({ file, content });
  const tested = document.value.servers?.findIndex(({ server }) => server === options['server']);
  return needVariables(document, {
    variables: variablesOf(options, shell),
    isUsed: ([first, index]) => first !== 'servers' || index === undefined || index === tested,
    hint: 'give it by --variable NAME=VALUE',
  }).value;
}

function placesOf(contract: Contract, wanted: string | undefined): number[] {
  const objects = contract.schema ?? [];
  const places = objects
    .map((_, place) => place)
    .filter((place) => wanted === undefined || namesOf(objects[place]!).includes(wanted));
  if (places.length > 0) return places;
  const names = objects.map(({ name }) => name);
  throw new MeshError('test.object', {
    facts: { object: wanted ?? 'to test', objects: names.join(', ') || 'none' },
  });
}

function namesOf({ name, physicalName, id }: SchemaObject): string[] {
  return [name, physicalName, id].filter((one) => one !== undefined);
}

interface Wish extends LocalTest {
  contract: Contract;
}

async function dataOf({ shell }: Session, bench: Workbench, wish: Wish): Promise<TestData> {
  const { options, contract, file } = wish;
  const table = options['table'] as string | undefined;
  const references = referencesOf(options['reference'] as string[] | undefined);
  const openReferenced = async (name: string): Promise<LocalTable | null> => {
    const path = references.get(name);
    if (path === undefined) return null;
    return openLocalTable(bench, { path, names: [name], texts: new Set() });
  };
  const server = options['server'] === undefined ? null : serverOf(contract, String(options['server']));
  const place =
    options['postgres'] !== undefined
      ? placeOfUrl(String(options['postgres']), shell)
      : server && placeOfServer(server, shell);
  const path = wish.data ?? (server === null ? '' : pathOfServer(server, file));
  const open: TestData['open'] = (object, { texts }) =>
    place === null
      ? openLocalTable(bench, { path, table, names: namesOf(object), texts })
      : openPostgresTable(bench, place, tableOf(table ?? object.physicalName ?? object.name, server?.schema));
  return {
    open: async (object, texts) => (await openReferenced(object.name)) ?? open(object, texts),
    openReferenced: ({ object }) => openReferenced(object),
  };
}

/** Paths of a contract count from its own folder. */
function pathOfServer(
  { server, type, path }: NonNullable<Contract['servers']>[number],
  file: string,
): string {
  if (type === 'local' && path !== undefined) return resolve(dirname(file), path);
  throw wrong(`server ${server} is of type ${type}: rows are read from local files and postgres`);
}

/** `stores=masters/stores.parquet` */
function referencesOf(given: string[] = []): Map<string, string> {
  return new Map(
    given.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw wrong(`--reference ${text} is not NAME=PATH`);
    }),
  );
}
