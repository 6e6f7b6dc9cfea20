import { type Refused, RefusedByPolicy } from '../audit/policy-forbids.ts';
import { recordRefusal } from '../audit/record-change.ts';
import type { ErrorCode } from '../base/error-table.ts';
import { isMeshError, type MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import { findDomainId } from '../identity/store.ts';
import { type SqlName, writtenName } from '../subscriptions/match-tables.ts';

/** Refusals for what somebody may not read; the others are mistakes of the question. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'auth.forbidden',
  'auth.policy-forbids',
  'not-found',
  'query.no-subscription',
  'query.purpose-unknown',
  'query.unknown-table',
  'query.version-ended',
]);

/**
 * Plans a read; where it is refused, the audit gets a row for each dataset that was named, whether it is there or
 * not: an answer that takes longer for what is hidden would tell of it. What was asked of the rows is not kept.
 */
export async function auditRefusals<Plan>(
  context: Context,
  names: SqlName[],
  plan: () => Promise<Plan>,
): Promise<Plan> {
  try {
    return await plan();
  } catch (error) {
    // What the mesh asks by itself, its canaries for example, is nobody's attempt.
    const isAttempt = context.request.address !== null;
    if (isAttempt && isMeshError(error) && REFUSALS.has(error.code)) {
      for (const name of names) await recordRefusedRead(context, name, error);
    }
    throw error;
  }
}

/** What was decided about one of several names stands with it alone; the others were asked for in vain. */
async function recordRefusedRead(context: Context, name: SqlName, error: MeshError): Promise<void> {
  const [domain = ''] = name.schema.toLowerCase().split('.');
  const domainId = (await findDomainId(context.database.reader, domain)) ?? null;
  await recordRefusal(context, {
    ...{ action: 'product.read', object: writtenName(name).slice(0, OBJECT_LENGTH), domainId },
    ...(error instanceof RefusedByPolicy && isOf(name, error.refused)
      ? { reasons: error.refused.decision.reasons, policies: error.refused.decision.policies }
      : { reasons: [error.code] }),
  });
}

/** `DOMAIN` or `DOMAIN.PRODUCT[@MAJOR]` as a schema. */
function isOf({ schema }: SqlName, { domain, product }: Refused): boolean {
  const [named, wanted] = schema.toLowerCase().split('.');
  return named === domain && (wanted === undefined || wanted.replace(/@.*$/, '') === product);
}

/** A name may be as long as a statement. */
const OBJECT_LENGTH = 200;
