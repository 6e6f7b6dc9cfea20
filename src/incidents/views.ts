import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import type { IncidentKind } from '../store/rows/incidents.ts';
import { MEANINGS } from './describe-incident.ts';
import type { listEvents, NamedIncident } from './store.ts';

export const INCIDENT_KINDS = [
  'overdue',
  'checks-failed',
  'run-failed',
  'deviation',
  'source-drift',
  'access-drift',
] as const satisfies IncidentKind[];

/** What every reader who may discover the product is told. */
export const INCIDENT_VIEW = z.object({
  id: z.string(),
  product: z.string().describe('DOMAIN.PRODUCT, with @MAJOR where that is not the current one'),
  dataset: z.string(),
  kind: z.enum(INCIDENT_KINDS),
  severity: z.enum(['error', 'warning']),
  state: z.enum(['open', 'acknowledged', 'closed']),
  summary: z.string(),
  meaning: z.string().describe('what it means for whoever reads the dataset'),
  openedAt: z.string(),
  seenAt: z.string(),
  closedAt: z.string().nullable(),
});
export type IncidentView = z.output<typeof INCIDENT_VIEW>;

/** With what is only for the producer's people: causes, comments and who acted. */
export const PRODUCER_VIEW = INCIDENT_VIEW.extend({
  detail: z.record(z.string(), z.unknown()).optional(),
  history: z
    .array(
      z.object({
        at: z.string(),
        kind: z.enum(['opened', 'seen', 'acknowledged', 'commented', 'closed']),
        by: z.string(),
        text: z.string(),
      }),
    )
    .optional(),
});

export function viewIncident(incident: NamedIncident): IncidentView {
  const { id, dataset, kind, severity, state, summary } = incident;
  return {
    ...{ id, product: incident.addressed, dataset, kind, severity, state, summary },
    meaning: MEANINGS[kind],
    openedAt: isoTime(incident.openedAt),
    seenAt: isoTime(incident.seenAt),
    closedAt: incident.closedAt === null ? null : isoTime(incident.closedAt),
  };
}

export function viewEvents(events: Awaited<ReturnType<typeof listEvents>>) {
  return events.map(({ at, kind, person, text }) => ({
    at: isoTime(at),
    kind,
    by: person ?? 'Crossdock',
    text,
  }));
}
