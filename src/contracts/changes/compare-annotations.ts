import { canonicalJson } from '../../base/canonical.ts';
import type { CustomProperty } from '../model-elements.ts';
import type { ItemProperty, SchemaObject } from '../odcs-schema.ts';
import { PARTITION_TRANSFORM } from '../partition.ts';
import { type ChangeList, type Part, printSubject, same, sameSet } from './change.ts';

type Annotated = ItemProperty | SchemaObject;

const WORDS = [
  'description',
  'businessName',
  'synonyms',
  'examples',
  'authoritativeDefinitions',
  'transformDescription',
];

/** Marks and notes of a table or column, which promise nothing about its values. */
export function compareAnnotations(part: Part<Annotated>, changes: ChangeList): void {
  const name = printSubject(part.subject);
  compareDeprecation(part, changes);
  compareTags(part, changes);
  compareCustomProperties(part, changes, [PARTITION_TRANSFORM]);
  compareWords(part, WORDS, changes);
  const [before, after] = [part.before as ItemProperty, part.after as ItemProperty];
  if ((before.criticalDataElement ?? false) !== (after.criticalDataElement ?? false)) {
    const message = `${name} is ${after.criticalDataElement ? '' : 'no '}critical data element`;
    changes.add(part, 'critical-changed', { message, key: ['criticalDataElement'] });
  }
  if ((before.semanticType ?? 'column') !== (after.semanticType ?? 'column')) {
    const message = `${name} is a ${after.semanticType ?? 'column'} instead of a ${before.semanticType ?? 'column'}`;
    changes.add(part, 'semantic-type-changed', { message, key: ['semanticType'] });
  }
  if (before.encryptedName !== after.encryptedName) {
    const message = `the encrypted form of ${name} is named ${after.encryptedName ?? 'nowhere'}`;
    changes.add(part, 'encrypted-name-changed', { message, key: ['encryptedName'] });
  }
  const origin = ({ transformSourceObjects, transformLogic }: ItemProperty) => [
    transformSourceObjects,
    transformLogic,
  ];
  if (!same(origin(before), origin(after))) {
    const key = [same(origin(before)[0], origin(after)[0]) ? 'transformLogic' : 'transformSourceObjects'];
    changes.add(part, 'transform-changed', { message: `${name} is made otherwise`, key });
  }
}

function compareDeprecation(part: Part<Annotated>, changes: ChangeList): void {
  const [was, is] = [part.before.deprecated === true, part.after.deprecated === true];
  if (was === is) return;
  const message = `${printSubject(part.subject)} is ${is ? '' : 'no more '}deprecated`;
  changes.add(part, is ? 'deprecated' : 'deprecation-withdrawn', { message, key: ['deprecated'] });
}

/** Tags are a set. */
export function compareTags(part: Part<{ tags?: string[] }>, changes: ChangeList): void {
  if (sameSet(part.before.tags, part.after.tags)) return;
  changes.add(part, 'tags-changed', {
    message: `${printSubject(part.subject)} has other tags`,
    key: ['tags'],
  });
}

/** `apart` are those that are judged elsewhere. */
export function compareCustomProperties(
  part: Part<{ customProperties?: CustomProperty[] }>,
  changes: ChangeList,
  apart: readonly string[] = [],
): void {
  const listed = (properties: CustomProperty[] = []) =>
    properties.filter(({ property }) => !apart.includes(property));
  const [before, after] = [listed(part.before.customProperties), listed(part.after.customProperties)];
  const values = (properties: CustomProperty[]) =>
    properties.map(({ property, value }) => ({ property, value }));
  if (!sameSet(values(before), values(after))) {
    const names = changedNames(before, after).map((name) => `\`${name}\``);
    const message = `${printSubject(part.subject)} has another custom property ${names.join(', ')}`;
    changes.add(part, 'custom-property-changed', { message, key: ['customProperties'] });
  } else if (!sameSet(before, after)) {
    const message = `custom properties of ${printSubject(part.subject)} are described otherwise`;
    changes.add(part, 'documentation-changed', { message, key: ['customProperties'] });
  }
}

function changedNames(before: CustomProperty[], after: CustomProperty[]): string[] {
  const text = ({ property, value }: CustomProperty) => canonicalJson({ property, value });
  const [was, is] = [new Set(before.map(text)), new Set(after.map(text))];
  const changed = [
    ...before.filter((one) => !is.has(text(one))),
    ...after.filter((one) => !was.has(text(one))),
  ];
  return [...new Set(changed.map(({ property }) => property))];
}

/** One difference for all words of an element. */
export function compareWords(part: Part<object>, keys: readonly string[], changes: ChangeList): void {
  const valueOf = (holder: object, key: string) => (holder as Record<string, unknown>)[key];
  const changed = keys.filter((key) => !same(valueOf(part.before, key), valueOf(part.after, key)));
  const [first] = changed;
  if (first === undefined) return;
  const names = changed.map((key) => `\`${key}\``).join(', ');
  const message = `${names} of ${printSubject(part.subject)} ${changed.length === 1 ? 'reads' : 'read'} otherwise`;
  changes.add(part, 'documentation-changed', { message, key: [first] });
}
