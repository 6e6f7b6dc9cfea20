import { authorize, mayCaller } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import type { Action, Granted } from '../policy/decide.ts';
import { productQuestion } from '../products/visible-products.ts';
import { findIncident, type NamedIncident } from './store.ts';

/**
 * An incident for those who answer for it: whoever may run the product's pipelines or restrict it.
 * @throws MeshError `not-found` for incidents of products the caller may not discover, `auth.forbidden`
 */
export async function needIncident(
  context: Context,
  id: string,
): Promise<{ incident: NamedIncident; granted: Granted<Action> }> {
  const incident = await findIncident(context.database.reader, id);
  if (incident === undefined) throw unknown(id);
  const product = {
    id: incident.productId,
    domain_id: incident.domainId,
    domain: incident.domain,
    name: incident.product,
  };
  if (!(await mayCaller(context, productQuestion('product.discover', product)))) throw unknown(id);
  const isSteward = await mayCaller(context, productQuestion('product.restrict', product));
  const action = isSteward ? 'product.restrict' : 'product.run';
  const granted = await authorize(context, productQuestion(action, product));
  return { incident, granted };
}

function unknown(id: string): MeshError {
  return new MeshError('not-found', { facts: { what: `incident ${id}` } });
}
