import { z } from 'zod';
import { whichAllowed } from '../audit/decisions.ts';
import { LIMITS } from '../base/limits.ts';
import { operation } from '../identity/context.ts';
import { listDomains } from '../products/store.ts';
import { ERASURE_VIEW, viewErasure } from './erasure-view.ts';
import { eraseQuestion } from './read-own-erasure.ts';
import { listErasures } from './store.ts';

export const listAllErasures = operation({
  name: 'erasure.list',
  summary: 'Erasures of the domains whose data subjects you may erase, and their dry runs, newest first.',
  effect: 'read',
  http: { method: 'GET', path: '/erasures' },
  scope: 'read',
  input: z.object({
    dryRun: z.stringbool().optional().describe('only dry runs, or only erasures; absent both'),
    limit: z.coerce.number().int().min(1).max(LIMITS.pageRows).default(50),
  }),
  output: z.object({ erasures: z.array(ERASURE_VIEW) }),
  async run(context, { dryRun, limit }) {
    const { reader } = context.database;
    const domains = await listDomains(reader);
    const allowed = await whichAllowed(
      context,
      domains.map(({ id, name }) => eraseQuestion({ domain: name, domain_id: id })),
    );
    const domainIds = domains.filter((_, index) => allowed[index]).map(({ id }) => id);
    const rows = await listErasures(reader, { domainIds, dryRun, limit });
    return { erasures: await Promise.all(rows.map((row) => viewErasure(context, row))) };
  },
});
