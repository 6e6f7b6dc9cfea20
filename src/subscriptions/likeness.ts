import type { DecisionContext, Principal } from '../policy/action.ts';
import type { AccessFacts } from './access-facts.ts';

/** A question about the product that the facts are of. */
export interface LikeQuestion {
  action: 'product.discover' | 'product.read';
  principal: Principal;
  subscription?: DecisionContext['subscription'];
  elevation?: DecisionContext['elevation'];
  purpose?: string | undefined;
  now: Date;
  origin?: DecisionContext['origin'];
}

/** What of the facts a decision can come to know somebody by. */
export type LikeFacts = Pick<AccessFacts, 'domain' | 'taggedDomains'> & { policies: { text: string }[] };

/**
 * Two questions with the same likeness have the same answer. A policy knows people and domains by the names it
 * writes, by the product's domain and the subscription's, and by their tags, and by nothing else: whoever it does
 * not write of is told apart by what they are only. So who can see a product that a hundred domains subscribe to
 * is decided for kinds of people, not for each of them.
 */
export function likenessOf(question: LikeQuestion, { domain, taggedDomains, policies }: LikeFacts): string {
  const { action, principal, subscription, elevation, purpose, now, origin } = question;
  const { id, roles, ...traits } = principal;
  // `\u{61}` writes a letter too.
  const escaped = policies.some(({ text }) => text.includes('\\'));
  // `Domain::"sales"`, and `Role::"sales/owner"`.
  const isWritten = (name: string) =>
    escaped || policies.some(({ text }) => text.includes(`"${name}"`) || text.includes(`"${name}/`));
  const called = (name: string) => {
    if (isWritten(name)) return name;
    const place = name === domain ? '/own' : name === subscription?.domain ? '/subscriber' : '/other';
    return Object.hasOwn(taggedDomains, name) ? [place, taggedDomains[name]] : place;
  };
  const standing = roles.map((one) => JSON.stringify([called(one.domain), one.role])).sort();
  const through = subscription && [called(subscription.domain), subscription.purpose];
  return JSON.stringify([
    action,
    isWritten(id) && id,
    traits,
    standing,
    through,
    elevation,
    purpose,
    now,
    origin,
  ]);
}
