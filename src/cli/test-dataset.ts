import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { MeshError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { TableReport } from '../pipelines/contract-test/report.ts';
import { type ProblemAnswer, RefusedError } from './api-client.ts';
import type { Options, Session } from './command.ts';
import { variablesOf } from './contract-variables.ts';

/** How often the server is asked how far it is: often at first, for most tests are short. */
const LOOK_MS = { first: 250, most: 2_000 };

interface Test {
  id: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  done: number;
  total: number;
  report: TableReport | null;
  error: Omit<ProblemAnswer, 'title' | 'requestId'> & { message: string };
}

/** Tests a dataset of the mesh on the server; interrupting the command cancels the test there. */
export async function testDataset(
  session: Session,
  { target, options }: { target: string; options: Options },
): Promise<TableReport> {
  const { client, shell, out } = session;
  const named = options['dataset'] as string | undefined;
  const [domain, product, dataset] = (named ?? target).split('.');
  const contract = named === undefined ? undefined : await contractText(target);
  const variables = Object.fromEntries(variablesOf(options, shell));
  const id = newId('qry');
  const body = { domain, product, dataset, contract, variables, purpose: options['purpose'], id };
  const shows = process.stderr.isTTY && !out.json;
  const cancel = () => client.call({ method: 'DELETE', path: `/tests/${id}` }).catch(() => undefined);
  shell.signal.addEventListener('abort', () => void cancel(), { once: true });
  try {
    let test = await client.call<Test>({ method: 'POST', path: '/tests', body });
    for (let waitMs = LOOK_MS.first; test.state === 'running'; waitMs = Math.min(2 * waitMs, LOOK_MS.most)) {
      if (shows) out.say(`\r${test.done} of ${test.total} checks \u001b[K`);
      await setTimeout(waitMs, undefined, { signal: shell.signal }).catch(() => undefined);
      // The server has the last word: the test may have ended in the meantime.
      if (shell.signal.aborted) await cancel();
      test = await client.call<Test>({ method: 'GET', path: `/tests/${id}` });
    }
    return reportOf(test);
  } finally {
    if (shows) out.say('\r\u001b[K');
  }
}

/** @throws RefusedError where there is none */
function reportOf({ state, report, error }: Test): TableReport {
  if (report !== null) return report;
  if (state === 'cancelled') throw new MeshError('query.cancelled');
  throw new RefusedError({ ...error, title: error.message, requestId: '' });
}

async function contractText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MeshError('cli.file', { facts: { path }, cause });
  });
}
