import { join } from 'node:path';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Shell } from './cli/command.ts';
import type { Config } from './config.ts';
import type { Caller } from './identity/caller.ts';
import type { Context } from './identity/context.ts';
import { makeLink } from './identity/passwords/one-time-link.ts';
import { listPeople } from './identity/store.ts';
import { writeDemoFiles } from './ingest/demo-files.ts';
import { applyMesh } from './mesh-as-code/apply.ts';
import { readMeshFolder } from './mesh-as-code/read-mesh-folder.ts';
import type { Mesh } from './mesh.ts';
import { countOpenRuns } from './pipelines/store.ts';
import { listDomains } from './products/store.ts';

/** One company for everybody: the same day gives the same bytes. */
const DEMO_SEED = 8420;
const BLUEPRINT = join(dirname(dirname(fileURLToPath(import.meta.url))), 'blueprints', 'cpg');

/**
 * Brings a CPG company into an empty mesh: raw files into the sources folder, the blueprint applied by the
 * public operation, and its pipelines run by the jobs. Does nothing where there are domains already.
 */
export async function openDemo(mesh: Mesh, config: Config, shell: Shell): Promise<void> {
  const { database, clock } = mesh.parts;
  if ((await listDomains(database.reader)).length === 0) {
    shell.stderr('\nMaking a CPG company: raw files of seven domains, products, contracts, pipelines …\n');
    await writeDemoFiles(config.sourcesFolder, {
      seed: DEMO_SEED,
      endDate: clock.now().toISOString().slice(0, 10),
    });
    const files = await readMeshFolder(BLUEPRINT);
    await applyMesh.run(demoContext(mesh, shell.signal), { files });
  }
  await waitForRuns(mesh, shell);
  if (!shell.signal.aborted) shell.stderr(nextSteps(mesh.url, await entryLink(mesh)));
}

/** The demo's set-up acts as an administrator that no token stands for. */
function demoContext(mesh: Mesh, signal: AbortSignal): Context {
  const caller: Caller = {
    id: 'crossdock',
    kind: 'service',
    name: 'Crossdock',
    email: null,
    administrator: true,
    attributes: {},
    domains: [],
    scopes: ['read', 'query', 'write', 'admin'],
    tokenId: '',
  };
  return { ...mesh.parts, caller, request: { id: 'demo', door: 'start', address: null, signal } };
}

async function waitForRuns({ parts }: Mesh, shell: Shell): Promise<void> {
  const started = Date.now();
  let most = 0;
  while (!shell.signal.aborted) {
    const open = await countOpenRuns(parts.database.reader);
    most = Math.max(most, open);
    if (open === 0) break;
    if (process.stderr.isTTY)
      shell.stderr(`\rRunning pipelines: ${open} to go, ${Math.round((Date.now() - started) / 1000)} s `);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  if (most > 0 && process.stderr.isTTY) shell.stderr('\r\u001b[K');
  if (most > 0) shell.stderr(`Pipelines have run (${((Date.now() - started) / 1000).toFixed(1)} s).\n`);
}

/** A link that opens the web already signed in, as an owner of the company's first domain. */
async function entryLink({ parts, url }: Mesh): Promise<{ name: string; link: string } | null> {
  const { database, clock } = parts;
  const people = await listPeople(database.reader);
  const owners = people.filter(({ role }) => role === 'owner');
  const person = owners.find(({ domain }) => domain === 'sales') ?? owners[0];
  if (person === undefined) return null;
  const { path } = await database.transact((transaction) =>
    makeLink(transaction, { principalId: person.id, purpose: 'enter', at: clock.now() }),
  );
  return { name: `${person.name}, owner of ${person.domain}`, link: url + path };
}

function nextSteps(url: string, entry: { name: string; link: string } | null): string {
  const enter =
    entry === null
      ? ''
      : `Enter as ${entry.name} (the link counts once, within the hour):\n\n  ${entry.link}\n\n`;
  return `
${enter}Open ${url} to enter as anybody else of the company, or try the command line:

  ./crossdock login --as PERSON       (people: ${url}/api/v1/demo/people)
  ./crossdock search "sell out"
  ./crossdock query "SELECT region, sum(net_sales) AS net_sales FROM sales.sell_out GROUP BY region"

Stop with Ctrl+C. Everything is kept in the data folder; the next start takes a second or two.
`;
}
