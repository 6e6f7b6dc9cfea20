import type { Tags } from './action.ts';

/** What a tag is set on; each level is inherited by those after it. */
export const TAG_LEVELS = ['domain', 'product', 'dataset', 'column'] as const;
export type TagLevel = (typeof TAG_LEVELS)[number];

/** A tag that holds for a thing, and where it was set. */
export interface EffectiveTag {
  key: string;
  value: string;
  from: TagLevel;
}

/** Keys with values: of a key any of its values fits, and every key has to fit. */
export type TagExpression = Record<string, string[]>;

/** A tag as documents write it (`key:value`, or a word that is a key with the value `true`). */
export function readTag(text: string): { key: string; value: string } {
  const colon = text.indexOf(':');
  return colon < 0
    ? { key: text.trim(), value: 'true' }
    : { key: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() };
}

/** Tags as documents write them as one value per key; of two values for a key the later one counts. */
export function readTags(texts: readonly string[]): Tags {
  return Object.fromEntries(texts.map(readTag).map(({ key, value }) => [key, value]));
}

/** A tag as documents write it. */
export function tagText({ key, value }: { key: string; value: string }): string {
  return value === 'true' ? key : `${key}:${value}`;
}

/** The tags of a thing, from the highest level to its own: below overrides above, one value per key. */
export function effectiveTags(...levels: [TagLevel, Tags][]): EffectiveTag[] {
  const effective = new Map<string, EffectiveTag>();
  for (const [from, tags] of levels) {
    for (const [key, value] of Object.entries(tags)) effective.set(key, { key, value, from });
  }
  return [...effective.values()];
}

/** Tags without where they were set. */
export function plainTags(effective: readonly EffectiveTag[]): Tags {
  return Object.fromEntries(effective.map(({ key, value }) => [key, value]));
}

/** Tags from above, overridden by the thing's own: domain, product, dataset, column. */
export function inheritTags(...levels: Tags[]): Tags {
  return Object.fromEntries(levels.flatMap((tags) => Object.entries(tags)));
}

/** Any value of a key, and every key. Own properties only: a key may be called `constructor`. */
export function matchesTags(tags: Tags, expression: TagExpression): boolean {
  // For each column of each query: a loop that allocates nothing.
  for (const key in expression) {
    if (!Object.hasOwn(tags, key) || !expression[key]!.includes(tags[key]!)) return false;
  }
  return true;
}

/** `classification:public|internal and layer:core`. */
export function printTagExpression(expression: TagExpression): string {
  return Object.entries(expression)
    .map(([key, values]) => `${key}:${values.join('|')}`)
    .join(' and ');
}
