import { countOf, formatCount } from './format.ts';

export interface ErasedDataset {
  dataset: string;
  outcome: 'erased' | 'clean' | 'rebuilt' | 'recomputed' | 'held' | 'not-followed';
  rows: number;
  filesRewritten: number;
  filesRemoved: number;
  snapshotsExpired: number;
  reason: string | null;
}

/** A data subject taken out of a dataset and what is derived from it; or, as a dry run, what that would do. */
export interface Erasure {
  id: string;
  /** DOMAIN.PRODUCT or DOMAIN.PRODUCT.DATASET */
  target: string;
  /** The kind of subject. */
  subject: string;
  reason: string;
  dryRun: boolean;
  state: 'waiting' | 'planning' | 'erasing' | 'planned' | 'done' | 'failed' | 'cancelled';
  /** Nothing remains that the mesh knows of. */
  complete: boolean;
  requestedBy: string;
  requestedAt: string;
  finishedAt: string | null;
  /** The subject may come in again. */
  lifted: { by: string; at: string; reason: string } | null;
  progress: { phase: string; done: number; total: number };
  keys: number;
  datasets: ErasedDataset[];
  sources: {
    source: string;
    table: string;
    file: string | null;
    outcome: 'rewritten' | 'remains';
    rows: number;
    reason: string | null;
  }[];
  records: { place: string; rows: number }[];
  remains: string[];
  /** Datasets with personal data that may be the subject's; `others` of products that I may not discover. */
  notLookedInto: { datasets: { dataset: string; reason: string }[]; others: number };
  found: string[];
  error: { code: string; message: string; fix: string } | null;
}

export interface NewErasure {
  product: string;
  dataset?: string;
  subject: string;
  kind?: string;
  reason: string;
  dryRun: boolean;
  /** The dry run that it has to be the same as. */
  sameAs?: string;
}

export const isGoingOn = ({ state }: Erasure): boolean =>
  state === 'waiting' || state === 'planning' || state === 'erasing';

/** Until the point of no return; the server decides about it once more. */
export const mayCancel = ({ state }: Erasure): boolean => state === 'waiting' || state === 'planning';

/** Product and dataset as they are sent. */
export function placeOf({ target }: Pick<Erasure, 'target'>): { product: string; dataset?: string } {
  const [domain = '', product = '', dataset] = target.split('.');
  return { product: `${domain}.${product}`, ...(dataset !== undefined && { dataset }) };
}

/** What became of it, in a sentence. */
export function sentenceOf(erasure: Erasure): string {
  const { state, complete, keys, subject, target, progress } = erasure;
  const who = keys === 1 ? `one ${subject}` : `${keys} of kind ${subject}`;
  switch (state) {
    case 'planned':
      return keys === 0
        ? `No ${subject} was found by this value in ${target}. Nothing was changed.`
        : `It would erase ${who} from ${target}. Nothing was changed.`;
    case 'done':
      return complete
        ? `${keys === 1 ? `One ${subject}` : `${keys} of kind ${subject}`} erased from ${target}: nothing remains that the mesh knows of.`
        : `Erased from ${target}, and not everywhere: see what remains.`;
    case 'failed':
      return 'It failed; nothing was erased.';
    case 'cancelled':
      return 'It was cancelled; nothing was erased.';
    default:
      return `It goes on: ${progress.phase}${progress.total > 0 ? `, ${progress.done} of ${progress.total}` : ''}.`;
  }
}

/** What the erasure could not take away, or would not, and why: one line each. */
export function remainsOf({ datasets, sources, remains, notLookedInto, found }: Erasure): string[] {
  const { others } = notLookedInto;
  return [
    ...datasets.flatMap(({ dataset, outcome, reason }) => {
      if (outcome === 'held') return [`${dataset} is not touched: ${reason ?? 'legal hold'}`];
      if (outcome === 'not-followed')
        return [`${dataset} may still hold values${reason ? `: ${reason}` : ''}`];
      return [];
    }),
    ...sources.flatMap(({ source, table, file, outcome, rows, reason }) =>
      outcome === 'remains'
        ? [
            `${countOf(rows, 'row')} in source ${source}, table ${table}${file === null ? '' : `, file ${file}`}${reason ? `: ${reason}` : ''}`,
          ]
        : [],
    ),
    ...remains,
    ...notLookedInto.datasets.map(({ dataset, reason }) => `${dataset} was not looked into: ${reason}`),
    ...(others > 0
      ? [
          `${countOf(others, 'dataset')} that you may not discover: not looked into, personal data, no subject key`,
        ]
      : []),
    ...found.map((text) => `found all the same: ${text}`),
  ];
}

/** What a dry run announces, for the question whether to go on: one line each. */
export function announced(dryRun: Erasure): string[] {
  const { datasets, sources } = dryRun;
  const sum = (count: (one: ErasedDataset) => number) => datasets.reduce((all, one) => all + count(one), 0);
  const rows = countOf(
    sum((one) => one.rows),
    'row',
  );
  const of = (...outcomes: ErasedDataset['outcome'][]) =>
    datasets.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const counted: [string, number][] = [
    ['Files written anew', sum(({ filesRewritten }) => filesRewritten)],
    ['Snapshots that expire, so that nobody travels back to them', sum((one) => one.snapshotsExpired)],
    ['Datasets made anew by their pipelines, whose past goes', of('rebuilt', 'recomputed')],
    ['Files of sources written anew', sources.filter(({ outcome }) => outcome === 'rewritten').length],
    ['Datasets under legal hold, which stay as they are', of('held')],
    ['Places where something remains or may remain, as the dry run says', remainsOf(dryRun).length],
  ];
  return [
    `Removed: ${rows} of the current releases, and the person's rows of all earlier ones.`,
    ...counted.filter(([, count]) => count > 0).map(([what, count]) => `${what}: ${formatCount(count)}.`),
    'Consumers are told to read anew. The person does not come in again.',
  ];
}
