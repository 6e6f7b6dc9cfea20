import { z } from 'zod';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { insertIncidentEvent } from '../store/incidents.ts';
import { needIncident } from './need-incident.ts';
import { markAcknowledged } from './store.ts';

/** A comment is a note to colleagues, not a report. */
export const COMMENT = z.string().trim().min(1).max(2_000);

export const acknowledgeIncident = operation({
  name: 'incident.acknowledge',
  summary: 'Say that somebody of the producer looks after an incident; it closes by itself.',
  effect: 'write',
  http: { method: 'POST', path: '/incidents/:id/acknowledge' },
  scope: 'write',
  input: z.object({ id: z.string(), comment: COMMENT.optional() }),
  output: z.object({ id: z.string(), state: z.literal('acknowledged') }),
  async run(context, input) {
    const { incident, granted } = await needIncident(context, input.id);
    const { id } = incident;
    await context.database.transact(async (transaction) => {
      if (!(await markAcknowledged(transaction, id)))
        throw new MeshError('conflict', { facts: { what: `incident ${id}` } });
      await insertIncidentEvent(transaction, {
        incidentId: id,
        at: context.clock.now(),
        kind: 'acknowledged',
        actor: context.caller.id,
        text: input.comment ?? '',
      });
      await recordChange(context, transaction, {
        action: 'incident.acknowledge',
        object: id,
        domainId: incident.domainId,
        ...ruledBy(granted),
        facts: { dataset: incident.dataset, kind: incident.kind },
      });
    });
    return { id, state: 'acknowledged' as const };
  },
});
