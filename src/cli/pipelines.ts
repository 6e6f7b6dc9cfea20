import type { Command } from 'commander';
import { addBackfill } from './backfill.ts';
import { addBookmarks } from './bookmarks.ts';
import { bind, EXIT, type Options, type Session, type Shell } from './command.ts';
import { pathOf } from './product-path.ts';
import {
  isOpen,
  printRun,
  printRuns,
  progressText,
  type Run,
  type RunGroup,
  type ShownRun,
} from './run-facts.ts';
import { valuesOf } from './set-values.ts';

/** How often the state of what is waited for is asked. */
const LOOK_MS = 300;

export function addPipelines(program: Command, shell: Shell): void {
  const pipeline = program.command('pipeline').description('run pipelines and see how they went');
  const run = pipeline
    .command('run')
    .argument('<product>', 'DOMAIN.PRODUCT')
    .description('run the pipelines of a product and wait for the end')
    .option('--set <name=value...>', 'a value for a parameter of the SQL')
    .option('--no-wait', 'return as soon as the runs are queued');
  bind(run, shell, async (session, [name = ''], options) => {
    const started = await session.client.call<Started>({
      method: 'POST',
      path: `${pathOf(name)}/run`,
      body: { parameters: valuesOf(options['set']) },
    });
    return follow(session, { ...started, product: name }, options);
  });
  const runs = pipeline
    .command('runs')
    .argument('<product>', 'DOMAIN.PRODUCT')
    .description('the last runs of a product');
  bind(runs, shell, async (session, [name = '']) => {
    printRuns(session.out, await readRuns(session, name, null));
  });
  addShow(pipeline, shell);
  addBackfill(pipeline, shell);
  addBookmarks(pipeline, shell);
}

function addShow(pipeline: Command, shell: Shell): void {
  const show = pipeline
    .command('show')
    .argument('<run>', 'run_…')
    .description('everything about one run: its steps, inputs, phases, checks and log');
  bind(show, shell, async ({ client, out }, [id = '']) => {
    const shown = await client.call<ShownRun>({ method: 'GET', path: `/runs/${encodeURIComponent(id)}` });
    if (out.json) out.write(`${JSON.stringify(shown, null, 2)}\n`);
    else printRun(out, shown);
  });
}

interface Started {
  group: string;
  runs: { id: string }[];
}

/** Waits for the runs that were started, unless told not to, and prints them. */
async function follow(
  session: Session,
  { group, runs, product }: Started & { product: string },
  options: Options,
): Promise<number> {
  if (options['wait'] !== false) await waitFor(session, group);
  const ids = runs.map(({ id }) => id);
  printRuns(session.out, await readRuns(session, product, ids), group);
  const { steps } = await readGroup(session, group);
  const bad = steps.some((step) => ids.includes(step.id) && step.state !== 'released' && !isOpen(step));
  return bad ? EXIT.failed : EXIT.ok;
}

async function waitFor(session: Session, id: string): Promise<void> {
  const { out, shell } = session;
  const shows = process.stderr.isTTY && !out.json;
  const started = Date.now();
  for (;;) {
    const group = await readGroup(session, id);
    if (!group.steps.some(isOpen) || shell.signal.aborted) break;
    if (shows) out.say(`\r\u001b[K${progressText(group, Date.now() - started)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  if (shows) out.say('\r\u001b[K');
}

function readGroup({ client }: Session, id: string): Promise<RunGroup> {
  return client.call<RunGroup>({ method: 'GET', path: `/run-groups/${encodeURIComponent(id)}` });
}

async function readRuns({ client }: Session, name: string, ids: string[] | null): Promise<Run[]> {
  const { runs } = await client.call<{ runs: Run[] }>({ method: 'GET', path: `${pathOf(name)}/runs` });
  return ids === null ? runs : runs.filter(({ id }) => ids.includes(id));
}
