import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import type { NamedElevation } from './store.ts';

/** Somebody's right to read a product in an emergency, and what was read under it. */
export const ELEVATION_VIEW = z.object({
  id: z.string(),
  product: z.string(),
  who: z.string(),
  reason: z.string(),
  startedAt: z.string(),
  until: z.string().describe('when it ends, or ended, by itself'),
  endedAt: z.string().nullable().describe('when it was ended, by somebody or by its time'),
  endedBy: z.string().nullable(),
  queries: z.number().int(),
  rows: z.number().int(),
});
export type ElevationView = z.output<typeof ELEVATION_VIEW>;

export function viewElevation(row: NamedElevation): ElevationView {
  const { id, who, reason, queries, rows } = row;
  return {
    ...{ id, who, reason, queries, rows },
    product: `${row.domain}.${row.product}`,
    startedAt: isoTime(row.started_at),
    until: isoTime(row.until),
    endedAt: row.ended_at === null ? null : isoTime(row.ended_at),
    endedBy: row.ender ?? row.ended_by,
  };
}
