import { z } from 'zod';
import { INCIDENT_VIEW } from '../incidents/views.ts';
import { majorName } from '../subscriptions/plan-access.ts';
import type { AccessFacts } from '../subscriptions/store.ts';

/** A living incident of a dataset that an answer was made from. */
export const INCIDENT_NOTE = INCIDENT_VIEW.pick({
  id: true,
  kind: true,
  severity: true,
  summary: true,
  openedAt: true,
}).extend({ dataset: z.string().describe('DOMAIN.PRODUCT.DATASET') });
export type IncidentNote = z.output<typeof INCIDENT_NOTE>;

/** What whoever reads these datasets should know, each incident once. */
export function notesOf(datasets: AccessFacts[]): IncidentNote[] {
  const notes = datasets.flatMap((facts) =>
    facts.incidents.map((incident) => ({
      ...incident,
      dataset: `${majorName(facts)}.${facts.dataset}`,
    })),
  );
  return [...new Map(notes.map((note) => [note.id, note])).values()];
}

/** The notes for answers that are files: a structured field, a list of kinds (RFC 9651 §3.1). */
export function incidentHeaders(notes: IncidentNote[]): Record<string, string> {
  if (notes.length === 0) return {};
  const items = notes.map(
    ({ kind, severity, dataset, openedAt }) =>
      `${kind};severity=${severity};dataset=${JSON.stringify(dataset)};since=${JSON.stringify(openedAt)}`,
  );
  return { 'crossdock-incidents': items.join(', ') };
}
