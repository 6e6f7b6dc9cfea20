import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Links } from './adapter.ts';
import type { ShownToken } from './clients.ts';

/** What a request to the issuer learnt on its way. */
export interface RequestState {
  /** The API token that a service account showed. */
  shown?: ShownToken;
  /** What the token that is being made hangs on, and who acts by it. */
  links?: Links & { act?: { sub: string; name: string } };
}

const states = new WeakMap<object, RequestState>();

export function stateOf(ctx: KoaContextWithOIDC | undefined): RequestState {
  if (ctx === undefined) return {};
  const known = states.get(ctx.req) ?? {};
  states.set(ctx.req, known);
  return known;
}
