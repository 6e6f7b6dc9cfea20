import { Argument, type Command } from 'commander';
import { MeshError } from '../base/errors.ts';
import { bind, type Session, type Shell } from './command.ts';

interface ShownBookmark {
  dataset: string;
  reading: string | null;
  paused: boolean;
  next: 'everything' | 'new' | 'restored';
  files: number;
  steps: { run: string; release: number; value: string | null }[];
}

const ACTIONS = ['show', 'pause', 'resume', 'reset', 'rewind'] as const;

/** `crossdock pipeline bookmark …`, below the command `pipeline`. */
export function addBookmarks(pipeline: Command, shell: Shell): void {
  const command = pipeline
    .command('bookmark')
    .description('how far a pipeline has read: see it, hold it, start over or go back to a run')
    .addArgument(new Argument('<action>').choices(ACTIONS))
    .argument('<dataset>', 'DOMAIN.PRODUCT.DATASET')
    .option('--to <run>', 'of rewind: the run to go back to');
  bind(command, shell, async (session, [action = '', name = ''], options) => {
    const path = `${datasetPath(name)}/bookmark`;
    if (action === 'show')
      return show(session, await session.client.call<ShownBookmark>({ method: 'GET', path }));
    const body = action === 'rewind' ? { to: String(options['to'] ?? '') } : {};
    const answer = await session.client.call({ method: 'POST', path: `${path}/${action}`, body });
    if (session.out.json) session.out.write(`${JSON.stringify(answer, null, 2)}\n`);
    else await show(session, await session.client.call<ShownBookmark>({ method: 'GET', path }));
  });
}

/** `sales.sell-out.weeks` -> `/products/sales/sell-out/datasets/weeks`. */
export function datasetPath(name: string): string {
  const [domain, product, dataset, ...more] = name.split('.').map(encodeURIComponent);
  if (domain === undefined || product === undefined || dataset === undefined || more.length > 0)
    throw new MeshError('cli.dataset-name', { facts: { name } });
  return `/products/${domain}/${product}/datasets/${dataset}`;
}

const NEXT = {
  everything: 'the next run reads everything and replaces all rows',
  new: 'the next run reads what is new',
  restored: 'the next run builds on the release of the last step and reads on from there',
};

async function show({ out }: Session, bookmark: ShownBookmark): Promise<void> {
  if (out.json) return out.write(`${JSON.stringify(bookmark, null, 2)}\n`);
  const reading = bookmark.reading ?? 'everything each time';
  out.write(
    `${bookmark.dataset} reads ${reading}${bookmark.paused ? ', paused' : ''}: ${NEXT[bookmark.next]}\n`,
  );
  if (bookmark.files > 0) out.write(`${bookmark.files} files were read\n`);
  for (const { run, release, value } of bookmark.steps)
    out.write(`  ${run}  release ${release}${value === null ? '' : `  up to ${value}`}\n`);
}
