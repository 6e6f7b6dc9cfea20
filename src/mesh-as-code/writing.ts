import { MESH_NAME, MESH_SCOPE } from '../audit/decisions.ts';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import type { Context } from '../identity/context.ts';
import type { Granted } from '../policy/decide.ts';
import type { Transaction } from '../store/database.ts';
import type { Change } from './change.ts';
import type { Values } from './values.ts';

/** The permissions that an apply was given before it began. */
export interface Permits {
  /** To apply the domain, or the whole mesh. */
  apply: Granted<'domain.apply' | 'mesh.administer'>;
  /** To offer products, by `domain.product`. */
  publish: Map<string, Granted<'product.publish'>>;
  /** `action object` of everything else that was asked and allowed. */
  others: Set<string>;
}

/** One transaction of an apply, with what every write in it needs. */
export interface Writing {
  context: Context;
  transaction: Transaction;
  permits: Permits;
  at: Date;
}

/** The audit row of one change: who, by which permission, what. */
export async function recordItem(
  { context, transaction, permits }: Writing,
  change: Change,
  { object, domainId, values }: { object: string; domainId: string | null; values?: Values },
): Promise<void> {
  await recordChange(context, transaction, {
    action: permits.apply.action,
    object: object === MESH_SCOPE ? MESH_NAME : object,
    domainId,
    ...ruledBy(permits.apply),
    facts: {
      change: change.action,
      kind: change.kind,
      name: change.name,
      details: change.details,
      ...values,
    },
  });
}
