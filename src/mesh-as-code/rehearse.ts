import { z } from 'zod';
import { whichAllowed } from '../audit/decisions.ts';
import { type Context, operation } from '../identity/context.ts';
import type { Transaction } from '../store/database.ts';
import { type Access, readAccess } from '../subscriptions/readers/read-access.ts';
import { ACCESS_CHANGE, type AccessChange, compareAccess } from '../subscriptions/readers/compare-access.ts';
import { applyFolder } from './apply-parts.ts';
import { FOLDER_INPUT, type Prepared, prepare } from './prepare.ts';
import { lockForApply } from '../store/mesh-lock.ts';

export const rehearseMesh = operation({
  name: 'mesh.rehearse',
  summary: 'Who would gain and who would lose what by applying a folder of the mesh; changes nothing.',
  effect: 'read',
  http: { method: 'POST', path: '/rehearse' },
  scope: 'write',
  input: FOLDER_INPUT,
  output: z.object({ changes: z.array(ACCESS_CHANGE) }),
  async run(context, input) {
    const prepared = await prepare(context, input);
    const changes = await rehearse(context, prepared);
    return { changes: await onlyAudited(context, changes) };
  },
});

/** Carries the outcome out of a transaction that must not commit. */
class RolledBack extends Error {
  readonly changes: AccessChange[];
  constructor(changes: AccessChange[]) {
    super('a rehearsal is rolled back');
    this.changes = changes;
  }
}

/** Applies for real and takes it back: so what is foretold is what an apply does, whatever it changes. */
async function rehearse(context: Context, prepared: Prepared): Promise<AccessChange[]> {
  try {
    return await context.database.transact(async (transaction): Promise<never> => {
      // One at a time: a rehearsal holds the locks of all its domains.
      await lockForApply(transaction, 'rehearsal');
      const before = await readNow(context, transaction);
      await applyFolder(context, prepared, (work) => work(transaction));
      const after = await readNow(context, transaction);
      throw new RolledBack(compareAccess(before, after, context.clock.now()));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.changes;
    throw error;
  }
}

function readNow({ clock }: Context, transaction: Transaction): Promise<Access> {
  return readAccess(transaction, clock.now());
}

/** Those whose data or whose people the caller audits. */
async function onlyAudited(context: Context, changes: AccessChange[]): Promise<AccessChange[]> {
  const domains = [...new Set(changes.flatMap(({ producer, domain }) => [producer, domain]))];
  const allowed = await whichAllowed(
    context,
    domains.map((domain) => ({
      action: 'domain.audit' as const,
      resource: { type: 'Domain' as const, domain },
    })),
  );
  const audited = new Set(domains.filter((_, index) => allowed[index]));
  return changes.filter(({ producer, domain }) => audited.has(producer) || audited.has(domain));
}
