import { canonicalJson } from '../../base/canonical.ts';
import type { EventDataset, Facets, JobName, ReadEvent, Stamped } from './read-event.ts';

/** All events of one run in one. */
export interface RunDocument {
  /** Time of the newest event. */
  at: string;
  isStatic: boolean;
  completed: boolean;
  job: { at: string; value: JobName };
  parent: { at: string; value: JobName } | null;
  inputs: Record<string, EventDataset>;
  outputs: Record<string, EventDataset>;
}

/** What one event tells of its run; null for a dataset that stands alone. */
export function documentOf(event: ReadEvent): RunDocument | null {
  const { at, job, run, parent } = event;
  if (job === null || run === null) return null;
  return {
    at,
    isStatic: run.isStatic,
    completed: event.type === 'COMPLETE' || run.isStatic,
    job: { at, value: job },
    parent: parent === null ? null : { at, value: parent },
    inputs: byName(event.inputs),
    outputs: byName(event.outputs),
  };
}

/**
 * Two documents of one run in one: what either names is there, and where both tell, the later one counts. In
 * any order and any number of times it comes to the same. A job that tells of itself tells all of itself: the
 * later one stands alone.
 */
export function mergeRuns(left: RunDocument, right: RunDocument): RunDocument {
  if (left.isStatic && right.isStatic) return later(left, right);
  return {
    at: left.at > right.at ? left.at : right.at,
    isStatic: left.isStatic && right.isStatic,
    completed: left.completed || right.completed,
    job: later(left.job, right.job),
    parent:
      left.parent === null || right.parent === null
        ? (left.parent ?? right.parent)
        : later(left.parent, right.parent),
    inputs: mergeDatasets(left.inputs, right.inputs),
    outputs: mergeDatasets(left.outputs, right.outputs),
  };
}

/** The later of two; of the same moment the one that sorts last, so that order does not matter. */
function later<Told extends { at: string }>(left: Told, right: Told): Told {
  if (left.at !== right.at) return left.at > right.at ? left : right;
  return canonicalJson(left) >= canonicalJson(right) ? left : right;
}

function byName(datasets: EventDataset[]): Record<string, EventDataset> {
  const named: Record<string, EventDataset> = {};
  for (const dataset of datasets) {
    const key = keyOf(dataset);
    const known = named[key];
    named[key] =
      known === undefined ? dataset : { ...known, facets: mergeFacets(known.facets, dataset.facets) };
  }
  return named;
}

function mergeDatasets(
  left: Record<string, EventDataset>,
  right: Record<string, EventDataset>,
): Record<string, EventDataset> {
  return byName([...Object.values(left), ...Object.values(right)]);
}

export function mergeFacets(left: Facets, right: Facets): Facets {
  const merged: Facets = { ...left };
  for (const [name, facet] of Object.entries(right)) {
    const known: Stamped | undefined = merged[name];
    merged[name] = known === undefined ? facet : later(known, facet);
  }
  return merged;
}

export function keyOf({ namespace, name }: JobName): string {
  return JSON.stringify([namespace, name]);
}
