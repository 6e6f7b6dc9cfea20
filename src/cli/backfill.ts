import type { Command } from 'commander';
import { datasetPath } from './bookmarks.ts';
import { bind, EXIT, type Options, type Session, type Shell } from './command.ts';
import { printTable } from './output.ts';
import { isOpen, nameOf, progressText, type RunGroup } from './run-facts.ts';
import { valuesOf } from './set-values.ts';

const LOOK_MS = 500;

/** `crossdock pipeline backfill …`, and what goes on with it or ends it. */
export function addBackfill(pipeline: Command, shell: Shell): void {
  const backfill = pipeline
    .command('backfill')
    .argument('<dataset>', 'DOMAIN.PRODUCT.DATASET')
    .description('run a pipeline once for each value of a parameter, one after the other')
    .requiredOption('--parameter <name>', 'the parameter that runs through the values')
    .option('--from <value>', 'the first value')
    .option('--to <value>', 'the last value')
    .option('--step <step>', 'hour, day, week, month, quarter, year, or a number (default day, or 1)')
    .option('--values <value...>', 'the values themselves, instead of a range')
    .option('--set <name=value...>', 'a value for another parameter, the same in each run')
    .option('--no-wait', 'return as soon as the runs are queued');
  bind(backfill, shell, async (session, [name = ''], options) => {
    const { group } = await session.client.call<{ group: string }>({
      method: 'POST',
      path: `${datasetPath(name)}/backfill`,
      body: bodyOf(options),
    });
    return follow(session, group, options['wait'] !== false);
  });
  const resume = pipeline
    .command('resume')
    .argument('<id>', 'a run, a group of runs or a backfill')
    .description('go on with what failed, was cancelled or left out; what is released is not done again')
    .option('--no-wait', 'return as soon as the runs are queued');
  bind(resume, shell, async (session, [id = ''], options) => {
    const path = `/runs/${encodeURIComponent(id)}/resume`;
    const { group } = await session.client.call<{ group: string }>({ method: 'POST', path });
    return follow(session, group, options['wait'] !== false);
  });
  const cancel = pipeline
    .command('cancel')
    .argument('<id>', 'a run, a group of runs or a backfill')
    .description('end what waits at once and what runs within seconds; what is released stays');
  bind(cancel, shell, async ({ client, out }, [id = '']) => {
    const path = `/runs/${encodeURIComponent(id)}/cancel`;
    const answer = await client.call<{ runs: string[] }>({ method: 'POST', path });
    if (out.json) out.write(`${JSON.stringify(answer, null, 2)}\n`);
    else out.write(`${answer.runs.length} runs end\n`);
  });
}

function bodyOf(options: Options): object {
  const { parameter, from, to, step, values, set } = options;
  const range = from === undefined && to === undefined ? {} : { range: { from, to, step } };
  return { parameter, ...range, ...(values === undefined ? {} : { values }), parameters: valuesOf(set) };
}

/** Shows how far it is until it has ended, or somebody does not want to wait any more. */
async function follow(session: Session, id: string, waits: boolean): Promise<number> {
  const { client, out, shell } = session;
  const started = Date.now();
  const path = `/run-groups/${encodeURIComponent(id)}`;
  for (;;) {
    const group = await client.call<RunGroup>({ method: 'GET', path });
    const goesOn = group.steps.some(isOpen);
    if (!goesOn || !waits || shell.signal.aborted) {
      if (isTerminal(session)) out.say('\r\u001b[K');
      return printGroup(session, group, goesOn);
    }
    if (isTerminal(session)) out.say(`\r\u001b[K${progressText(group, Date.now() - started)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function isTerminal({ out }: Session): boolean {
  return process.stderr.isTTY === true && !out.json;
}

function printGroup({ out }: Session, group: RunGroup, goesOn: boolean): number {
  const bad = group.steps.filter((step) => step.state !== 'released' && !isOpen(step));
  const released = group.steps.filter(({ state }) => state === 'released').length;
  const code = bad.length > 0 ? EXIT.failed : EXIT.ok;
  if (out.json) {
    out.write(`${JSON.stringify({ ...group, released, total: group.steps.length }, null, 2)}\n`);
    return code;
  }
  out.write(`${group.id}: ${released} of ${group.steps.length} released\n`);
  if (bad.length > 0) {
    printTable(
      out,
      ['step', 'run', 'state', 'why'],
      bad.map((step) => [nameOf(step), step.id, step.state, step.message]),
    );
    out.write(`→ correct what failed, then: crossdock pipeline resume ${group.id}\n`);
  }
  if (goesOn) out.write(`→ it goes on; to end it: crossdock pipeline cancel ${group.id}\n`);
  return code;
}
