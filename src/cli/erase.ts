import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { MeshError } from '../base/errors.ts';
import { bind, EXIT, type Options, type Session, type Shell } from './command.ts';
import { count, printTable } from './output.ts';

interface Erasure {
  id: string;
  target: string;
  subject: string;
  reason: string;
  state: string;
  complete: boolean;
  dryRun: boolean;
  requestedBy: string;
  requestedAt: string;
  lifted: { by: string; at: string; reason: string } | null;
  progress: { phase: string; done: number; total: number };
  keys: number;
  datasets: {
    dataset: string;
    outcome: string;
    rows: number;
    filesRewritten: number;
    filesRemoved: number;
    snapshotsExpired: number;
    reason: string | null;
  }[];
  sources: {
    source: string;
    table: string;
    file: string | null;
    outcome: string;
    rows: number;
    reason: string | null;
  }[];
  records: { place: string; rows: number }[];
  remains: string[];
  notLookedInto: { datasets: { dataset: string; reason: string }[]; others: number };
  found: string[];
  error: { code: string; message: string; fix: string } | null;
}

const LOOK_MS = 300;
const OPEN = ['waiting', 'planning', 'erasing'];

export function addErase(program: Command, shell: Shell): void {
  const erase = program
    .command('erase')
    .argument('<dataset>', 'DOMAIN.PRODUCT[.DATASET]')
    .description('erase a data subject from a dataset and everything derived from it, in all snapshots')
    .option('--subject <value>', 'a key or identifier of the subject; - reads it from standard input')
    .option('--reason <text>', 'why; it is kept, so it must not name the subject')
    .option('--kind <kind>', 'of subject, where the product has several')
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do not ask');
  bind(erase, shell, (session, args, options) => {
    // Required here alone: `erase show` and the others have none of them.
    for (const name of ['subject', 'reason']) {
      if (options[name] === undefined) erase.error(`error: required option '--${name} <text>' not specified`);
    }
    return eraseSubject(session, args, options);
  });
  const show = erase.command('show').argument('<id>', 'ers_…').description('what became of an erasure');
  bind(show, shell, async (session, [id = '']) => print(session, await read(session, id)));
  const list = erase
    .command('list')
    .description('erasures of your domains and their dry runs, newest first')
    .option('--done', 'only erasures, no dry runs');
  bind(list, shell, (session, _args, { done }) => printList(session, done === true));
  addEnding(erase, shell);
}

function addEnding(erase: Command, shell: Shell): void {
  const cancel = erase
    .command('cancel')
    .argument('<id>', 'ers_…')
    .description('end an erasure that is not yet beyond the point of no return');
  bind(cancel, shell, async ({ client, out }, [id = '']) => {
    const answer = await client.call({ method: 'POST', path: `${pathOf(id)}/cancel` });
    out.write(out.json ? `${JSON.stringify(answer, null, 2)}\n` : `${id} ends\n`);
  });
  const lift = erase
    .command('lift')
    .argument('<id>', 'ers_…')
    .description('let a subject that was erased come in again')
    .requiredOption('--reason <text>', 'why');
  bind(lift, shell, async ({ client, out }, [id = ''], { reason }) => {
    const answer = await client.call({ method: 'POST', path: `${pathOf(id)}/lift`, body: { reason } });
    out.write(out.json ? `${JSON.stringify(answer, null, 2)}\n` : `${id} is lifted\n`);
  });
}

function pathOf(id: string): string {
  return `/erasures/${encodeURIComponent(id)}`;
}

/** First what would be done; then, where somebody says yes, it is done. */
async function eraseSubject(session: Session, [name = '']: string[], options: Options): Promise<number> {
  const { out } = session;
  const subject = options['subject'] === '-' ? await readInput() : String(options['subject']);
  const [domain, product, dataset] = name.split('.');
  if (product === undefined) throw new MeshError('cli.product-name', { facts: { name } });
  const { kind, reason } = options;
  const body = { product: `${domain}.${product}`, dataset, subject, kind, reason };
  const start = async (dryRun: boolean) =>
    follow(
      session,
      await session.client.call<Erasure>({ method: 'POST', path: '/erasures', body: { ...body, dryRun } }),
    );
  if (options['yes'] === true && options['dryRun'] !== true) return print(session, await start(false));
  const planned = await start(true);
  const isAsked = options['dryRun'] !== true && process.stdin.isTTY === true && !out.json;
  if (planned.state !== 'planned' || !isAsked) return print(session, planned);
  print(session, planned);
  if (!(await agree())) return EXIT.refused;
  return print(session, await start(false));
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8').trim();
}

async function agree(): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question('Erase it? This cannot be undone. Type yes: ')).trim() === 'yes';
  } finally {
    lines.close();
  }
}

function read({ client }: Session, id: string): Promise<Erasure> {
  return client.call<Erasure>({ method: 'GET', path: pathOf(id) });
}

/** Waits for the end; whoever interrupts leaves it going on. */
async function follow(session: Session, started: Erasure): Promise<Erasure> {
  const { out, shell } = session;
  const shows = process.stderr.isTTY === true && !out.json;
  let erasure = started;
  while (OPEN.includes(erasure.state) && !shell.signal.aborted) {
    const { phase, done, total } = erasure.progress;
    if (shows) out.say(`\r\u001b[K${erasure.id}: ${phase} ${done} of ${total}`);
    await setTimeout(LOOK_MS);
    erasure = await read(session, erasure.id);
  }
  if (shows) out.say('\r\u001b[K');
  return erasure;
}

function print({ out }: Session, erasure: Erasure): number {
  const code = exitOf(erasure);
  if (out.json) {
    out.write(`${JSON.stringify(erasure, null, 2)}\n`);
    return code;
  }
  out.write(`${erasure.id}: ${sentenceOf(erasure)}\n`);
  if (erasure.lifted !== null) {
    const { by, at, reason } = erasure.lifted;
    out.write(`lifted ${at} by ${by}: ${reason}; the subject may come in again\n`);
  }
  if (erasure.datasets.length > 0) {
    printTable(
      out,
      ['dataset', 'outcome', 'rows', 'files rewritten', 'files removed', 'snapshots', 'why'],
      erasure.datasets.map((one) => [
        one.dataset,
        one.outcome,
        one.rows,
        one.filesRewritten,
        one.filesRemoved,
        one.snapshotsExpired,
        one.reason,
      ]),
    );
  }
  for (const { source, table, file, outcome, rows, reason } of erasure.sources) {
    const where = `source ${source}, table ${table}${file === null ? '' : `, file ${file}`}`;
    out.write(
      outcome === 'remains'
        ? `remains in ${where}: ${reason}\n`
        : `${outcome}: ${where}, ${count(rows)} rows\n`,
    );
  }
  for (const { place, rows } of erasure.records) out.write(`cleaned: ${count(rows)} rows of ${place}\n`);
  for (const text of erasure.remains) out.write(`remains: ${text}\n`);
  const { datasets: leftOut, others } = erasure.notLookedInto;
  for (const { dataset, reason } of leftOut) out.write(`not looked into: ${dataset}: ${reason}\n`);
  if (others > 0)
    out.write(
      `not looked into: ${count(others)} datasets that you may not discover: personal data, no subject key\n`,
    );
  for (const text of erasure.found) out.write(`found by the proof: ${text}\n`);
  if (erasure.error !== null)
    out.write(`${erasure.error.code}: ${erasure.error.message}\n→ ${erasure.error.fix}\n`);
  return code;
}

function exitOf({ state, complete }: Erasure): number {
  if (state === 'planned') return EXIT.refused;
  return state === 'done' && complete ? EXIT.ok : EXIT.failed;
}

function sentenceOf({ state, complete, keys, target, subject }: Erasure): string {
  const who = keys === 1 ? `one ${subject}` : `${keys} of ${subject}`;
  switch (state) {
    case 'planned':
      return `would erase ${who} from ${target}; nothing was changed`;
    case 'done':
      return complete
        ? `${who} erased from ${target}: nothing remains that the mesh knows of`
        : `${who} erased from ${target}, and not everywhere: see what remains`;
    case 'failed':
      return 'failed; nothing was erased';
    case 'cancelled':
      return 'cancelled; nothing was erased';
    default:
      return `${state}; it goes on`;
  }
}

async function printList({ client, out }: Session, withoutDryRuns: boolean): Promise<void> {
  const query = withoutDryRuns ? { dryRun: 'false' } : {};
  const answer = await client.call<{ erasures: Erasure[] }>({ method: 'GET', path: '/erasures', query });
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  printTable(
    out,
    ['erasure', 'of', 'from', 'state', 'complete', 'who', 'when', 'why'],
    answer.erasures.map((one) => [
      one.id,
      one.subject,
      one.target,
      one.dryRun
        ? one.state === 'planned'
          ? 'dry run'
          : `dry run, ${one.state}`
        : one.lifted === null
          ? one.state
          : 'done, lifted',
      one.dryRun ? '' : one.complete ? 'yes' : 'no',
      one.requestedBy,
      one.requestedAt,
      one.reason,
    ]),
  );
}
