import { z } from 'zod';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { operation } from '../identity/context.ts';
import { insertIncidentEvent } from '../store/incidents.ts';
import { COMMENT } from './acknowledge-incident.ts';
import { needIncident } from './need-incident.ts';

export const commentIncident = operation({
  name: 'incident.comment',
  summary: 'Write a comment on an incident, for the people of its producer.',
  effect: 'write',
  http: { method: 'POST', path: '/incidents/:id/comments' },
  scope: 'write',
  input: z.object({ id: z.string(), comment: COMMENT }),
  output: z.object({ id: z.string() }),
  async run(context, input) {
    const { incident, granted } = await needIncident(context, input.id);
    const { id } = incident;
    await context.database.transact(async (transaction) => {
      await insertIncidentEvent(transaction, {
        incidentId: id,
        at: context.clock.now(),
        kind: 'commented',
        actor: context.caller.id,
        text: input.comment,
      });
      await recordChange(context, transaction, {
        action: 'incident.comment',
        object: id,
        domainId: incident.domainId,
        ...ruledBy(granted),
        facts: { dataset: incident.dataset, kind: incident.kind },
      });
    });
    return { id };
  },
});
