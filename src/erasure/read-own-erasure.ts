import { type Question, authorize, mayCaller } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import { type Erasure, needErasure } from './store.ts';

/**
 * An erasure of a domain whose subjects the caller may erase; others do not exist for them.
 * @throws MeshError `not-found`
 */
export async function readOwnErasure(context: Context, id: string) {
  const erasure = await needErasure(context.database.reader, id);
  const question = eraseQuestion(erasure);
  if (!(await mayCaller(context, question)))
    throw new MeshError('not-found', { facts: { what: `erasure ${id}` } });
  return { erasure, granted: await authorize(context, question) };
}

export function eraseQuestion({
  domain,
  domain_id: domainId,
}: Pick<Erasure, 'domain' | 'domain_id'>): Question<'domain.erase'> {
  return { action: 'domain.erase', resource: { type: 'Domain', domain }, scope: { domainId } };
}
