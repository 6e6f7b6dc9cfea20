import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { type Deviation, nullShare, rulesOf } from './find-deviations.ts';
import type { PastObservation } from './observation.ts';
import type { ObservationSettings } from './observation-settings.ts';
import { usualRange } from './usual-range.ts';

const nullableNumber = z.number().nullable();

const DEVIATION = z.object({
  measure: z.enum(['rows', 'null-share', 'distinct']),
  column: z.string().nullable(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  count: z.number().int().describe('releases that the usual range was made from'),
});

const OBSERVED = z.object({
  release: z.number().int(),
  at: z.string(),
  rows: z.number().int(),
  bytes: z.number().int(),
  sinceLastMs: nullableNumber.describe('since the release before'),
  usual: z.object({ low: z.number(), high: z.number() }).nullable().describe('rows, by the releases before'),
  deviations: z.array(DEVIATION),
});

const COLUMN = z.object({
  name: z.string(),
  nullShare: nullableNumber.describe('of the last release, as a fraction'),
  distinct: nullableNumber.describe('approximate'),
  minimum: z.string().nullable(),
  maximum: z.string().nullable(),
  nullShares: z.array(nullableNumber).describe('one for each release, in their order'),
});

const HELD_BACK = z.object({
  run: z.string(),
  at: z.string(),
  rows: z.number().int(),
  deviations: z.array(DEVIATION),
});

export const OBSERVATION_PAGE = z.object({
  dataset: z.string(),
  deviations: z.boolean().describe('whether releases are compared with the ones before'),
  releases: z.array(OBSERVED).describe('oldest first'),
  columns: z.array(COLUMN).describe('those you see unmasked, if you see all rows'),
  heldBack: z.array(HELD_BACK).optional().describe('for the producers: candidates that were not released'),
});
export type ObservationPage = z.output<typeof OBSERVATION_PAGE>;

export interface ObservedDataset {
  name: string;
  settings: ObservationSettings;
  /** Newest first, more than are shown: the others are what the shown ones are compared with. */
  past: (PastObservation & { number: number; deviations: Deviation[]; sinceLastMs: number | null })[];
  /** Field ids of columns whose statistics the reader may see. */
  columns: Set<number>;
}

/** Releases of one page. */
export const SHOWN_RELEASES = 60;

/** What a reader may know of a dataset's releases beside their rows. */
export function pageOfObservations(dataset: ObservedDataset): Omit<ObservationPage, 'heldBack'> {
  const { past, settings, columns } = dataset;
  const shown = past.slice(0, SHOWN_RELEASES);
  const names = namesOf(dataset);
  const releases = shown.map((one, index) => ({
    release: one.number,
    at: isoTime(one.at),
    rows: one.rows,
    bytes: one.bytes,
    sinceLastMs: one.sinceLastMs,
    usual: settings.deviations ? usualRows(past.slice(index + 1), one.at, settings) : null,
    deviations: visibleDeviations(one.deviations, names),
  }));
  return {
    dataset: dataset.name,
    deviations: settings.deviations,
    releases: releases.toReversed(),
    columns: (past[0]?.columns ?? [])
      .filter(({ id }) => columns.has(id))
      .map(({ id, name, distinct, minimum, maximum }) => ({
        name,
        nullShare: nullShare(past[0]!, id),
        distinct,
        minimum,
        maximum,
        nullShares: shown.map((one) => nullShare(one, id)).toReversed(),
      })),
  };
}

function usualRows(before: PastObservation[], at: Date, settings: ObservationSettings) {
  const past = before.slice(0, settings.history).map((one) => ({ value: one.rows, at: one.at }));
  const range = usualRange(past, at, rulesOf('rows', settings));
  return range === null ? null : { low: Math.max(0, range.low), high: range.high };
}

/** Names under which columns the reader may see were ever observed: a deviation knows its column by name. */
function namesOf({ past, columns }: ObservedDataset): Set<string> {
  const visible = new Set<string>();
  const others = new Set<string>();
  for (const { id, name } of past.flatMap((one) => one.columns)) {
    (columns.has(id) ? visible : others).add(name);
  }
  return visible.difference(others);
}

/** Rows are public; of columns that the reader does not see nothing is told. */
export function visibleDeviations(deviations: Deviation[], names: ReadonlySet<string>): Deviation[] {
  return deviations.filter(({ column }) => column === null || names.has(column));
}
