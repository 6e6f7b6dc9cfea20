import { authorize } from '../../audit/decisions.ts';
import { MeshError } from '../../base/errors.ts';
import { memberOf } from '../../identity/caller.ts';
import type { Context } from '../../identity/context.ts';
import type { Granted } from '../../policy/decide.ts';
import { findWebhook, type NamedWebhook } from './store.ts';

/**
 * Reads an endpoint and decides about it. For everybody outside of its domain there is no such endpoint.
 * @throws MeshError `not-found`, `auth.forbidden`
 */
export async function readWebhook(
  context: Context,
  id: string,
): Promise<{ webhook: NamedWebhook; granted: Granted<'domain.notify'> }> {
  const webhook = await findWebhook(context.database.reader, id);
  if (webhook === undefined || memberOf(context.caller, webhook.domain_id) === undefined) {
    throw new MeshError('not-found', { facts: { what: `webhook ${id}` } });
  }
  const granted = await mayNotify(context, { id: webhook.domain_id, name: webhook.domain });
  return { webhook, granted };
}

/** The permission to keep a domain's endpoints. */
export function mayNotify(
  context: Context,
  { id, name }: { id: string; name: string },
): Promise<Granted<'domain.notify'>> {
  return authorize(context, {
    action: 'domain.notify',
    resource: { type: 'Domain', domain: name },
    scope: { domainId: id },
  });
}
