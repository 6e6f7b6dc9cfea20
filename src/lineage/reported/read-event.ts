import { MeshError, type Problem } from '../../base/errors.ts';

/** One value with the time it was told at; null = told to be deleted (`_deleted`). */
export interface Stamped {
  at: string;
  value: Record<string, unknown> | null;
}

export type Facets = Record<string, Stamped>;

export interface EventDataset {
  namespace: string;
  name: string;
  facets: Facets;
}

export interface JobName {
  namespace: string;
  name: string;
}

/** An OpenLineage event (2-0-2) with what the graph takes from it. */
export interface ReadEvent {
  /** ISO 8601 in UTC. */
  at: string;
  type: string;
  /** What its parts are merged by: a run, or a job that tells of itself without one. Null: a dataset alone. */
  run: { id: string; isStatic: boolean } | null;
  job: JobName | null;
  parent: JobName | null;
  inputs: EventDataset[];
  outputs: EventDataset[];
  /** DatasetEvent. */
  dataset: EventDataset | null;
}

/** Datasets of one event: more is no step of a job but a dump. */
const MOST_DATASETS = 1_000;
/** Names are keys of the graph's indexes, which take no longer ones. */
const NAME_BYTES = 1_000;

/** Facets that the graph is made of; the others stay in the event as they came. */
const TAKEN = new Set(['schema', 'symlinks', 'columnLineage', 'documentation']);

/**
 * Reads an event as tolerantly as the graph can bear: unknown facets, a missing producer and a missing run id
 * are no fault.
 * @throws MeshError `input.invalid` with every problem
 */
export function readEvent(event: unknown): ReadEvent {
  const problems: Problem[] = [];
  const body = recordOf(event);
  if (body === null) throw invalid([{ message: 'an event is a JSON object', pointer: '' }]);
  const at = timeOf(body['eventTime'], problems);
  const job = body['job'] === undefined ? null : nameOf(body['job'], '/job', problems);
  const run = recordOf(body['run']);
  const facets = recordOf(run?.['facets']);
  const runId = textOf(run?.['runId']);
  const read: ReadEvent = {
    at,
    type: textOf(body['eventType']) || (job === null ? 'DATASET' : 'JOB'),
    run: job === null ? null : runOf(job, runId),
    job,
    parent: parentOf(facets),
    inputs: datasetsOf(body['inputs'], '/inputs', { at, problems }),
    outputs: datasetsOf(body['outputs'], '/outputs', { at, problems }),
    dataset:
      job === null && body['dataset'] !== undefined
        ? datasetOf(body['dataset'], '/dataset', { at, problems })
        : null,
  };
  if (job === null && read.dataset === null && problems.length === 0) {
    problems.push({ message: 'an event needs a run and a job, a job, or a dataset', pointer: '' });
  }
  if (problems.length > 0) throw invalid(problems);
  return read;
}

function invalid(problems: Problem[]): MeshError {
  return new MeshError('input.invalid', { problems });
}

/** A run without an id tells no more than the job itself does. */
function runOf({ namespace, name }: JobName, runId: string): { id: string; isStatic: boolean } {
  const usable = runId !== '' && runId.length <= 200;
  return usable
    ? { id: runId, isStatic: false }
    : { id: `job ${namespace} ${name}`.slice(0, 1_200), isStatic: true };
}

/** A parent that is not well named is left out: the run itself is what counts. */
function parentOf(facets: Record<string, unknown> | null): JobName | null {
  const parent = recordOf(facets?.['parent']);
  if (parent === null || parent['_deleted'] === true) return null;
  const problems: Problem[] = [];
  const job = nameOf(parent['job'], '', problems);
  return problems.length === 0 ? job : null;
}

interface Reading {
  at: string;
  problems: Problem[];
}

function datasetsOf(list: unknown, pointer: string, reading: Reading): EventDataset[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || list.length > MOST_DATASETS) {
    reading.problems.push({ message: `must be a list of at most ${MOST_DATASETS} datasets`, pointer });
    return [];
  }
  return list.map((one: unknown, index) => datasetOf(one, `${pointer}/${index}`, reading));
}

function datasetOf(dataset: unknown, pointer: string, { at, problems }: Reading): EventDataset {
  const name = nameOf(dataset, pointer, problems);
  const facets: Facets = {};
  for (const [key, value] of Object.entries(recordOf(recordOf(dataset)?.['facets']) ?? {})) {
    const content = recordOf(value);
    if (!TAKEN.has(key) || content === null) continue;
    facets[key] = { at, value: content['_deleted'] === true ? null : content };
  }
  return { ...name, facets };
}

/** A job's or dataset's namespace and name. */
export function nameOf(value: unknown, pointer: string, problems: Problem[]): JobName {
  const body = recordOf(value);
  const found = { namespace: textOf(body?.['namespace']), name: textOf(body?.['name']) };
  for (const key of ['namespace', 'name'] as const) {
    const text = found[key];
    if (text === '' || Buffer.byteLength(text) > NAME_BYTES || text.includes('\0')) {
      problems.push({
        message: `must be a text of at most ${NAME_BYTES} bytes`,
        pointer: `${pointer}/${key}`,
      });
    }
  }
  return found;
}

/** RFC 3339, or without a zone, which is then UTC: some clients leave it out. */
function timeOf(value: unknown, problems: Problem[]): string {
  const text = textOf(value);
  const zoned = /[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`;
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(time)) {
    problems.push({ message: 'must be a time such as 2026-03-02T09:00:00Z', pointer: '/eventTime' });
    return '';
  }
  return new Date(time).toISOString();
}

export function recordOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
