import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { recordChange } from '../../audit/record-change.ts';
import { MeshError } from '../../base/errors.ts';
import { type Context, operation, type Parts } from '../../identity/context.ts';
import { insertChange } from '../../store/changes.ts';
import type { Transaction } from '../../store/database.ts';
import { announceElevation } from './announce-elevation.ts';
import { ELEVATION_VIEW, viewElevation } from './elevation-view.ts';
import { findElevation, listOverElevations, markElevationEnded, type NamedElevation } from './store.ts';

export const endElevation = operation({
  name: 'product.end-elevation',
  summary: 'End an emergency reading before its time: the very next query is refused.',
  effect: 'write',
  http: { method: 'POST', path: '/elevations/:id/end' },
  scope: 'write',
  input: z.object({ id: z.string() }),
  output: ELEVATION_VIEW,
  async run(context, { id }) {
    const elevation = await findElevation(context.database.reader, id);
    const isConcerned = (one: NamedElevation) =>
      one.principal_id === context.caller.id ||
      context.caller.administrator ||
      context.caller.domains.some((domain) => domain.id === one.domain_id);
    if (elevation === undefined || !isConcerned(elevation)) {
      throw new MeshError('not-found', { facts: { what: `elevation ${id}` } });
    }
    const reasons = await permit(context, elevation);
    await context.database.transact((transaction) => write(context, transaction, { elevation, reasons }));
    return viewElevation((await findElevation(context.database.reader, id))!);
  },
});

/** Whoever reads gives it back; the producer's stewards take it. */
async function permit(context: Context, elevation: NamedElevation): Promise<readonly string[]> {
  if (elevation.principal_id === context.caller.id) return ['who was elevated gives it back'];
  const { domain, product, domain_id: domainId, product_id: productId } = elevation;
  const resource = { type: 'Product' as const, domain, product };
  const scope = { domainId, productId };
  return (await authorize(context, { action: 'product.restrict', resource, scope })).reasons;
}

async function write(
  context: Context,
  transaction: Transaction,
  { elevation, reasons }: { elevation: NamedElevation; reasons: readonly string[] },
): Promise<void> {
  const { id, product_id: object, domain_id: domainId } = elevation;
  const at = context.clock.now();
  const by = context.caller.id;
  if (elevation.until <= at || !(await markElevationEnded(transaction, { id, by, at }))) return;
  const facts = factsOf(elevation);
  await recordChange(context, transaction, {
    action: 'product.end-elevation',
    object,
    domainId,
    reasons,
    facts,
  });
  await announceElevation(context, transaction, { id, type: 'product.elevation-ended', at, actor: by });
}

/** Says of those whose time is over that they have ended, and what was read. The plan ended them itself. Idempotent. */
export async function endOverElevations(parts: Parts): Promise<number> {
  const now = parts.clock.now();
  const over = await listOverElevations(parts.database.reader, now);
  for (const elevation of over) {
    await parts.database.transact(async (transaction) => {
      const { id, until, product_id: object, domain_id: domainId } = elevation;
      if (!(await markElevationEnded(transaction, { id, by: 'crossdock', at: until }))) return;
      await insertChange(transaction, {
        ...{ at: now, actor: 'crossdock', door: 'job', requestId: '', allowed: true },
        ...{ action: 'product.end-elevation', object, domainId },
        reasons: ['its time is over'],
        facts: factsOf(elevation),
      });
      await announceElevation(parts, transaction, { id, type: 'product.elevation-ended', at: now });
    });
  }
  return over.length;
}

function factsOf({ id, who, queries, rows }: NamedElevation) {
  return { elevation: id, who, queries, rows };
}
