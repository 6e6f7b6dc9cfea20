import { MeshError } from '../base/errors.ts';
import type { Role } from '../store/schema.ts';

/** `lineage`: telling of other systems' runs and nothing else, for the tokens that those systems hold. */
export type TokenScope = 'read' | 'query' | 'write' | 'admin' | 'lineage';
export const TOKEN_SCOPES: TokenScope[] = ['read', 'query', 'write', 'admin', 'lineage'];

export interface CallerDomain {
  id: string;
  name: string;
  title: string;
  role: Role;
}

/** Who asks, as of this request: read anew each time, so a revoked token or a lost role counts at once. */
export interface Caller {
  id: string;
  kind: 'person' | 'service';
  name: string;
  email: string | null;
  administrator: boolean;
  /** Set by the mesh's administrators; row filters name them as `principal.<name>`. */
  attributes: Record<string, string | string[]>;
  /** As the company's identity provider names them; policies read them. */
  groups?: string[];
  claims?: Record<string, string | string[]>;
  /** Whether a program acts with a person's token. */
  agent?: boolean;
  domains: CallerDomain[];
  scopes: TokenScope[];
  /** The token or session by which it asks. */
  tokenId: string;
  /** Who acts for this person: a service account by a token in exchange for theirs, or an application they let in. */
  actor?: { id: string; kind: 'service' | 'application'; name: string };
}

/** Whoever asks without having signed in. */
export const NOBODY: Caller = {
  id: 'nobody',
  kind: 'person',
  name: 'nobody',
  email: null,
  administrator: false,
  attributes: {},
  domains: [],
  scopes: [],
  tokenId: '',
};

/** Whether the token carries the scope; whoever may write may also report. */
export function hasScope(caller: Caller, scope: TokenScope): boolean {
  return caller.scopes.includes(scope) || (scope === 'lineage' && caller.scopes.includes('write'));
}

/** The caller's membership of a domain, or undefined. */
export function memberOf(caller: Caller, domainId: string): CallerDomain | undefined {
  return caller.domains.find((domain) => domain.id === domainId);
}

/**
 * What a person does with their own hand: whoever acts for them would keep it when their word is over.
 * @throws MeshError `auth.agent`
 */
export function needOwnHand(caller: Caller, action: string): void {
  if (caller.actor !== undefined) throw new MeshError('auth.agent', { facts: { action } });
}
