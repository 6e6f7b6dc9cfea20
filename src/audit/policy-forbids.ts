import type { ErrorCode } from '../base/error-table.ts';
import { type Facts, MeshError } from '../base/errors.ts';
import type { Action } from '../policy/action.ts';
import { type Decision, forbidding } from '../policy/decide.ts';
import { isBuiltInPolicy } from '../policy/policies.ts';

/** A decision that was no, and about what. */
export interface Refused {
  decision: Extract<Decision<Action>, { allowed: false }>;
  action: Action;
  /** The domain and the product whose policies had a say, beside the mesh's. */
  domain: string | null;
  product: string | null;
  /** What it was, as the sentence says it. */
  what: string;
}

/** A refusal of a decision: for the audit it carries the policies that decided, which its words do not name. */
export class RefusedByPolicy extends MeshError {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(...wordsOf(refused));
    this.refused = refused;
  }
}

function wordsOf(refused: Refused): [ErrorCode, { facts: Facts }] {
  const { action: decided, what, domain } = refused;
  const level = levelOf(refused);
  // `product.publish` -> `publish`.
  const action = decided.slice(decided.indexOf('.') + 1);
  if (level === null) return ['auth.forbidden', { facts: { action, what, owner: domain ?? 'the mesh' } }];
  return ['auth.policy-forbids', { facts: { action, what, level, writers: writersOf(level, domain) } }];
}

/** Whose policies forbid it: `the mesh`, `the domain sales`; null where none does and there is only no permit. */
function levelOf({ decision, domain, product }: Refused): string | null {
  const levels = forbidding(decision.reasons).flatMap((name) => {
    if (isBuiltInPolicy(name)) return [];
    if (product !== null && name.startsWith(`${domain}.${product}: `))
      return [`the product ${domain}.${product}`];
    return [domain !== null && name.startsWith(`${domain}: `) ? `the domain ${domain}` : 'the mesh'];
  });
  return levels.length === 0 ? null : [...new Set(levels)].sort().join(' and ');
}

function writersOf(level: string, domain: string | null): string {
  const ofMesh = level.includes('the mesh') ? ['the administrators'] : [];
  const ofDomain = level === 'the mesh' ? [] : [`the owners of ${domain}`];
  return [...ofMesh, ...ofDomain].join(' and ');
}
