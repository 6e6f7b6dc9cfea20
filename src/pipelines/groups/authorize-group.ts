import { authorize } from '../../audit/decisions.ts';
import { isMeshError, MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import type { Granted } from '../../policy/decide.ts';
import { findGroupOf, type RunGroup } from './store.ts';

export interface AuthorizedGroup {
  group: RunGroup;
  granted: Granted<'product.run'>;
}

/**
 * The group of this id or of the run of this id, for whoever may run its product.
 * @throws MeshError `not-found`, which does not name a product the caller may not discover
 */
export async function authorizeGroup(
  context: Context,
  id: string,
  of: 'run' | 'any' = 'any',
): Promise<AuthorizedGroup> {
  const unknown = new MeshError('not-found', { facts: { what: `run ${id}` } });
  const group = await findGroupOf(context.database.reader, id);
  if (group === undefined || (of === 'run' && group.id === id)) throw unknown;
  const { domain, product, domainId, productId } = group;
  try {
    const granted = await authorize(context, {
      action: 'product.run',
      resource: { type: 'Product', domain, product },
      scope: { domainId, productId },
    });
    return { group, granted };
  } catch (error) {
    throw isMeshError(error, 'not-found') ? unknown : error;
  }
}
