import type { NewEdge } from '../store.ts';
import { BY_TABLES, STARTS } from '../lineage-model.ts';
import { keyOf, type RunDocument } from './merge-run.ts';
import { type EventDataset, type JobName, nameOf, recordOf, textOf } from './read-event.ts';

/** Column edges of one run: more is no lineage that anybody reads. */
const MOST_EDGES = 20_000;
/** Columns are keys of an index, which takes no longer ones. */
const COLUMN_BYTES = 400;

/** Every dataset that a run names, also those that only its column lineage names. */
export function namesIn({ inputs, outputs }: RunDocument): JobName[] {
  const found = new Map<string, JobName>();
  for (const dataset of [...Object.values(inputs), ...Object.values(outputs)]) {
    found.set(keyOf(dataset), { namespace: dataset.namespace, name: dataset.name });
    for (const { from } of columnWays(dataset)) found.set(keyOf(from), from);
  }
  return [...found.values()];
}

/** Nodes by `keyOf` their names, and of the jobs. */
export interface RunNodes {
  datasets: ReadonlyMap<string, string>;
  job: string;
  parent: string | null;
}

/** Edges of a run: datasets into the job, out of it, and of the columns that the run tells of. */
export function edgesOfRun({ inputs, outputs }: RunDocument, { datasets, job, parent }: RunNodes): NewEdge[] {
  const made = Object.values(outputs);
  const traced = made.length > 0 && made.every((dataset) => columnWays(dataset).length > 0);
  const whole = { fromColumn: '', toColumn: '' };
  const nodeOf = (name: JobName) => datasets.get(keyOf(name));
  const edges: NewEdge[] = [];
  if (parent !== null && parent !== job)
    edges.push({ ...whole, fromNode: parent, toNode: job, transformations: [STARTS] });
  for (const input of Object.values(inputs)) {
    const fromNode = nodeOf(input);
    if (fromNode !== undefined)
      edges.push({ ...whole, fromNode, toNode: job, transformations: traced ? [] : [BY_TABLES] });
  }
  for (const output of made) {
    const toNode = nodeOf(output);
    if (toNode === undefined) continue;
    const ways = columnWays(output);
    edges.push({ ...whole, fromNode: job, toNode, transformations: ways.length > 0 ? [] : [BY_TABLES] });
    for (const { from, fromColumn, toColumn, transformations } of ways) {
      const fromNode = nodeOf(from);
      if (fromNode !== undefined) edges.push({ fromNode, fromColumn, toNode, toColumn, transformations });
    }
  }
  return edges.slice(0, MOST_EDGES);
}

interface ColumnWay {
  from: JobName;
  fromColumn: string;
  /** Empty: every row. */
  toColumn: string;
  transformations: string[];
}

/** The column lineage facet of an output (1-2-0 and older). */
export function columnWays({ facets }: EventDataset): ColumnWay[] {
  const facet = facets['columnLineage']?.value ?? null;
  if (facet === null) return [];
  const ways = waysTo('', facet['dataset']);
  for (const [column, field] of Object.entries(recordOf(facet['fields']) ?? {})) {
    if (isColumn(column)) ways.push(...waysTo(column, recordOf(field)?.['inputFields']));
  }
  return ways.slice(0, MOST_EDGES);
}

function waysTo(toColumn: string, fields: unknown): ColumnWay[] {
  if (!Array.isArray(fields)) return [];
  return fields.flatMap((field: unknown): ColumnWay[] => {
    const problems: never[] = [];
    const from = nameOf(field, '', problems);
    const fromColumn = textOf(recordOf(field)?.['field']);
    if (problems.length > 0 || !isColumn(fromColumn)) return [];
    return [
      {
        from,
        fromColumn,
        toColumn,
        transformations: transformationsOf(recordOf(field)?.['transformations']),
      },
    ];
  });
}

/** Older facets tell none: then it is known that something flows, and no more. */
function transformationsOf(list: unknown): string[] {
  const told = (Array.isArray(list) ? list : []).flatMap((one: unknown) => {
    const type = textOf(recordOf(one)?.['type']).toUpperCase();
    const subtype = textOf(recordOf(one)?.['subtype']).toUpperCase().slice(0, 50);
    const masking = recordOf(one)?.['masking'] === true && subtype !== '' ? ' MASKING' : '';
    return type === 'DIRECT' || type === 'INDIRECT' ? [`${type} ${subtype}`.trim() + masking] : [];
  });
  return told.length === 0 ? ['DIRECT'] : [...new Set(told)].sort();
}

function isColumn(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= COLUMN_BYTES && !name.includes('\0');
}
