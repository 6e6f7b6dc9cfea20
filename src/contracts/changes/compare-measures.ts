import type { SchemaObject, SchemaProperty } from '../odcs-schema.ts';
import { type ChangeList, type Part, same } from './change.ts';
import { compareWords } from './compare-annotations.ts';
import { pairElements } from './pair-elements.ts';

const WORDS = ['description', 'businessName', 'synonyms', 'examples', 'authoritativeDefinitions', 'tags'];

/** ODCS 3.2 `semanticType`: measures are computed by whoever asks, and not stored. */
export function compareMeasures(part: Part<SchemaObject>, changes: ChangeList): void {
  const measures = ({ properties = [] }: SchemaObject) =>
    properties.filter(({ semanticType }) => semanticType === 'measure');
  const [before, after] = [measures(part.before), measures(part.after)];
  const { pairs, removed, added } = pairElements(before, after, [({ id }) => id, ({ name }) => name]);
  const keyIn = ({ properties = [] }: SchemaObject, item: SchemaProperty) => [
    'properties',
    properties.indexOf(item),
  ];
  for (const { item } of removed) {
    const message = `the measure \`${item.name}\` is removed`;
    changes.add(part, 'measure-removed', { message, key: keyIn(part.before, item), gone: true });
  }
  for (const { item } of added) {
    const message = `the measure \`${item.name}\` is added`;
    changes.add(part, 'measure-added', { message, key: keyIn(part.after, item), gone: false });
  }
  for (const { before: was, after: is } of pairs) {
    const key = keyIn(part.after, is.item);
    if (!same(defined(was.item), defined(is.item))) {
      const message = `the measure \`${is.item.name}\` is defined otherwise`;
      changes.add(part, 'measure-changed', { message, key, gone: false });
    }
    const measure = { ...part, before: was.item, after: is.item, afterPath: [...part.afterPath, ...key] };
    compareWords(
      { ...measure, beforePath: [...part.beforePath, ...keyIn(part.before, was.item)] },
      WORDS,
      changes,
    );
  }
}

function defined(measure: SchemaProperty): Record<string, unknown> {
  return Object.fromEntries(Object.entries(measure).filter(([key]) => !WORDS.includes(key)));
}
