import type { Context } from '../../identity/context.ts';
import { type ElevationView, viewElevation } from './elevation-view.ts';
import { isNamedFor } from './named-people.ts';
import { listElevations, readEmergencyRules } from './store.ts';

/** Whether the caller may read the product in an emergency, and whether they do. Each act decides again. */
export async function myElevation(
  context: Context,
  product: { id: string; domain_id: string },
): Promise<{ mayElevate: boolean; elevation: ElevationView | null }> {
  const { caller, clock, database } = context;
  const own = caller.domains.some(({ id }) => id === product.domain_id);
  if (own || caller.domains.length === 0) return { mayElevate: false, elevation: null };
  const { given } = await readEmergencyRules(database.reader, product.id);
  if (given === null || !(await isNamedFor(context, 'breakGlass')))
    return { mayElevate: false, elevation: null };
  const of = { productId: product.id, principalId: caller.id, livingAt: clock.now(), limit: 1 };
  const [living] = await listElevations(database.reader, of);
  return { mayElevate: living === undefined, elevation: living === undefined ? null : viewElevation(living) };
}
