import { z } from 'zod';
import { MeshError } from '../base/errors.ts';
import { memberOf } from './caller.ts';
import type { Context } from './context.ts';
import { findDomainId, findServiceAccount } from './store.ts';

export const SERVICE_ACCOUNT = z
  .string()
  .max(200)
  .regex(/^[^/]+\/[^/]+$/, 'must be DOMAIN/NAME of a service account')
  .describe('DOMAIN/NAME of a service account');

/**
 * The id of a service account whose tokens the caller has a say over: owners of its domain, administrators.
 * @throws MeshError `auth.forbidden`, `not-found`
 */
export async function findOwnServiceAccount(
  { caller, database }: Context,
  { service, action }: { service: string; action: string },
): Promise<string> {
  const [domain = '', name = ''] = service.split('/');
  const domainId = await findDomainId(database.reader, domain);
  const membership = domainId === undefined ? undefined : memberOf(caller, domainId);
  if (domainId === undefined || (membership?.role !== 'owner' && !caller.administrator)) {
    throw new MeshError('auth.forbidden', {
      facts: { action, what: `service accounts of ${domain}`, owner: domain },
    });
  }
  const account = await findServiceAccount(database.reader, domainId, name);
  if (account === undefined)
    throw new MeshError('not-found', { facts: { what: `service account ${service}` } });
  return account.id;
}
