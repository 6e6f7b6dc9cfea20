import { MeshError } from '../base/errors.ts';

interface RunningQuery {
  principalId: string;
  stop: AbortController;
}

/** Queries of this server that somebody may want to cancel. */
const running = new Map<string, RunningQuery>();

/**
 * Runs `work` under an id by which its caller can cancel it.
 * @throws MeshError `query.id-taken`
 */
export async function runCancellable<Result>(
  query: { id: string; principalId: string; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (running.has(query.id)) throw new MeshError('query.id-taken', { facts: { id: query.id } });
  const stop = new AbortController();
  running.set(query.id, { principalId: query.principalId, stop });
  try {
    return await work(AbortSignal.any([query.signal, stop.signal]));
  } finally {
    running.delete(query.id);
  }
}

/** Cancels a query of this caller; false when there is none. Somebody else's does not exist for them. */
export function cancelRunning(id: string, principalId: string): boolean {
  const query = running.get(id);
  if (query === undefined || query.principalId !== principalId) return false;
  query.stop.abort();
  return true;
}
