import type { Tags } from './action.ts';

/**
 * Tags as documents write them (`key:value`, or a word that is a key with the value `true`) as one value per
 * key; of two values for a key the later one counts.
 */
export function readTags(texts: string[]): Tags {
  return Object.fromEntries(
    texts.map((text) => {
      const colon = text.indexOf(':');
      return colon < 0 ? [text.trim(), 'true'] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
    }),
  );
}

/** Tags from above, overridden by the thing's own: domain, product, dataset, column. */
export function inheritTags(...levels: Tags[]): Tags {
  return Object.assign({}, ...levels) as Tags;
}
