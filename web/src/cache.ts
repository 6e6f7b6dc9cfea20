import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';
import type { Me } from './api-types.ts';
import { meQuery } from './queries.ts';
import { keepDraftsOf } from './query-draft.ts';

const isSignedOut = (error: unknown) => error instanceof ApiError && error.status === 401;

/** A refusal stays one however often it is asked; only silence and trouble on the server are tried again. */
const isWorthRetrying = (error: unknown) =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

function heedFailure(error: unknown) {
  // What is no refusal of the API is a mistake of ours: the console is where a developer looks.
  if (!(error instanceof ApiError)) console.error(error);
  if (isSignedOut(error)) void cache.invalidateQueries({ queryKey: meQuery.queryKey });
}

export const cache: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: heedFailure }),
  mutationCache: new MutationCache({ onError: heedFailure }),
  defaultOptions: {
    queries: { staleTime: 10_000, retry: (count, error) => count < 2 && isWorthRetrying(error) },
  },
});

/** After somebody's rights to a product changed: everything that shows them is read again. */
export function forgetAccess(): Promise<void> {
  const keys = new Set([
    ...['product', 'products', 'requests', 'subscriptions', 'delegations', 'search', 'readers'],
  ]);
  return cache.invalidateQueries({ predicate: (query) => keys.has(String(query.queryKey[0])) });
}

/** What is the same whoever is signed in; `me` is set anew. */
const OF_NOBODY = new Set(['me', 'demo-people', 'company']);

/** Another person, or nobody: nothing that the last one saw stays in memory. */
export function startOver(me: Me | null): void {
  keepDraftsOf(me?.principal.id ?? null);
  cache.setQueryData(meQuery.queryKey, me);
  cache.removeQueries({ predicate: ({ queryKey }) => !OF_NOBODY.has(String(queryKey[0])) });
}
