import { isMeshError, MeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Context } from '../identity/context.ts';
import { addressOf } from '../products/product-name.ts';
import { listSubscriptions } from '../subscriptions/store.ts';

/** Reads; where a subscription is missing and a request of the caller's domains waits already, the refusal says so. */
export async function tellOfWaiting<Answer>(context: Context, read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read();
  } catch (error) {
    if (!isMeshError(error) || error.code !== 'query.no-subscription') throw error;
    const problems = await waitingFor(context, String(error.facts['product']));
    throw new MeshError(error.code, { facts: error.facts, problems, cause: error });
  }
}

async function waitingFor({ caller, database }: Context, product: string): Promise<{ message: string }[]> {
  const rows = await listSubscriptions(database.reader, {
    consumerIds: caller.domains.map(({ id }) => id),
    states: ['requested'],
    limit: LIMITS.pageRows,
  });
  return rows
    .filter(
      ({ producer, product: name, major, is_current }) =>
        addressOf({ domain: producer, name, major, is_current }) === product,
    )
    .map(({ consumer, requested_at, step, producer, purpose }) => ({
      message: `${consumer} has asked for it on ${requested_at.toISOString().slice(0, 10)} for "${purpose}": the request waits for ${step === 'privacy' ? 'the approval of its personal data' : `a decision of ${producer}`}`,
    }));
}
