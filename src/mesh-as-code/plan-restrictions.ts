import type { WrittenRestriction } from '../policy/restriction.ts';
import { isSame, type Item, matchItems } from './change.ts';
import type { RestrictionState } from './state.ts';

export type RestrictionItem = Item<WrittenRestriction, RestrictionState>;

/** Restrictions of one scope by their names. */
export function planRestrictions(
  declared: readonly WrittenRestriction[],
  stored: readonly RestrictionState[],
  scope: string,
): RestrictionItem[] {
  return matchItems<WrittenRestriction, RestrictionState>({
    kind: 'restriction',
    declared,
    stored,
    keys: { declared: ({ name }) => name, stored: ({ name }) => name },
    name: (name) => `${scope}/${name}`,
    differences: (left, { document }) => (isSame(left, document) ? [] : ['rule changed']),
  });
}
