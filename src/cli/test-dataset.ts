import { readFile } from 'node:fs/promises';
import { MeshError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { TableReport } from '../pipelines/contract-test/report.ts';
import type { Options, Session } from './command.ts';
import { variablesOf } from './contract-variables.ts';

/** How often the server is asked how far it is. */
const LOOK_MS = 500;

/** Tests a dataset of the mesh on the server; interrupting the command cancels the test there. */
export async function testDataset(
  { client, shell, out }: Session,
  { target, options }: { target: string; options: Options },
): Promise<TableReport> {
  const named = options['dataset'] as string | undefined;
  const [domain, product, dataset] = (named ?? target).split('.');
  const contract = named === undefined ? undefined : await contractText(target);
  const id = newId('qry');
  const path = `/tests/${id}`;
  const shows = process.stderr.isTTY && !out.json;
  const look = setInterval(() => {
    if (!shows) return;
    // Not started yet, or over already: nothing to show.
    const call = client.call<{ done: number; total: number }>({ method: 'GET', path });
    void call
      .then(({ done, total }) => out.say(`\r${done} of ${total} checks \u001b[K`))
      .catch(() => undefined);
  }, LOOK_MS);
  const cancel = () => void client.call({ method: 'DELETE', path }).catch(() => undefined);
  shell.signal.addEventListener('abort', cancel, { once: true });
  try {
    const variables = Object.fromEntries(variablesOf(options, shell));
    const body = { domain, product, dataset, contract, variables, purpose: options['purpose'], id };
    return await client.call<TableReport>({ method: 'POST', path: '/tests', body });
  } finally {
    clearInterval(look);
    shell.signal.removeEventListener('abort', cancel);
    if (shows) out.say('\r\u001b[K');
  }
}

async function contractText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MeshError('cli.file', { facts: { path }, cause });
  });
}
