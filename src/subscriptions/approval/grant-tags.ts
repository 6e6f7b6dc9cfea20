import { recordRefusal } from '../../audit/record-change.ts';
import { principalOf } from '../../audit/decisions.ts';
import { MeshError } from '../../base/errors.ts';
import type { Context } from '../../identity/context.ts';
import { mayUseTag, readVocabulary, tagFault, type TagVocabulary } from '../../policy/tag-vocabulary.ts';
import type { TagExpression } from '../../policy/tags.ts';
import type { Reader, Transaction } from '../../store/database.ts';
import { lockForApply } from '../../store/mesh-lock.ts';
import type { GrantedAccess } from '../grant.ts';
import type { NamedSubscription } from '../store.ts';
import { readMeshTags } from './store.ts';

/** The tags that mesh.yaml declares now. */
async function readTags(reader: Reader): Promise<TagVocabulary> {
  return readVocabulary(await readMeshTags(reader)).vocabulary;
}

/**
 * A grant by tags is a right of its own: whoever decides about the product's subscriptions may be none of those
 * whom mesh.yaml names beside the tag.
 * @throws MeshError `auth.tag`
 */
export async function needTagRight(
  context: Context,
  { id, producer, producer_id: domainId }: Pick<NamedSubscription, 'id' | 'producer' | 'producer_id'>,
  { tags = {} }: GrantedAccess,
): Promise<void> {
  const asked = Object.keys(tags);
  if (asked.length === 0) return;
  const vocabulary = await readTags(context.database.reader);
  const who = { domain: producer, by: principalOf(context.caller) };
  const refused = asked.filter((key) => !mayUseTag(vocabulary.get(key)?.grantedBy ?? null, who));
  if (refused.length === 0) return;
  const reasons = refused.map((key) => `\`grantedBy\` of the tag ${key} does not name them`);
  await recordRefusal(context, { action: 'subscription.approve', object: id, domainId, reasons });
  throw new MeshError('auth.tag', { facts: { tags: refused, domain: producer } });
}

/**
 * Holds mesh.yaml still until the end of the transaction and looks that it declares these tags: so none is
 * deleted while a grant by it is written.
 * @throws MeshError `subscription.grant-invalid`
 */
export async function needDeclaredTags(transaction: Transaction, tags: TagExpression): Promise<void> {
  await lockForApply(transaction, 'mesh', 'shared');
  const vocabulary = await readTags(transaction);
  const problems = Object.entries(tags).flatMap(([key, values]) =>
    values.flatMap((value) => {
      const message = tagFault({ key, value }, vocabulary);
      return message === null ? [] : [{ message, pointer: `/tags/${key}` }];
    }),
  );
  if (problems.length > 0) throw new MeshError('subscription.grant-invalid', { problems });
}
