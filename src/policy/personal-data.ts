import type { Tags } from './action.ts';
import type { ColumnMask } from './column-mask.ts';

/** Tag keys that mark a column as personal data, whatever their value but a denial. */
const KEYS = ['personal-data', 'pii'];
/** Values of the contract's `classification` that say the same. */
const CLASSES = ['personal', 'personal-data', 'sensitive-personal', 'special-category', 'pii'];
const DENIALS = ['false', 'no', 'none'];

/** Whether a column of these effective tags holds personal data (GDPR Art. 4(1)), pseudonyms included. */
export function isPersonal(tags: Tags): boolean {
  const marked = KEYS.some((key) => Object.hasOwn(tags, key) && !DENIALS.includes(tags[key]!.toLowerCase()));
  const { classification = '' } = tags;
  return marked || CLASSES.includes(classification.toLowerCase());
}

/** Masks that let nothing of a value through: pseudonyms and parts are personal data still. */
const SHOWS_NOTHING: ColumnMask['action'][] = ['replace-with-null', 'mask-to-fixed-value'];

/** Whether a grant's masks leave anything of a column to see. */
export function showsValues(masks: Record<string, ColumnMask>, column: string): boolean {
  return !Object.hasOwn(masks, column) || !SHOWS_NOTHING.includes(masks[column]!.action);
}

/** A tag that says that a column holds personal data. */
export interface PersonalMark {
  key: string;
  value: string;
}

/** Which of its tags says that a column holds personal data; null where none does. */
export function personalMark(tags: Tags): PersonalMark | null {
  const marks = [...KEYS, 'classification'].flatMap((key): PersonalMark[] =>
    Object.hasOwn(tags, key) && isPersonal({ [key]: tags[key]! }) ? [{ key, value: tags[key]! }] : [],
  );
  return marks[0] ?? null;
}

/**
 * Whether the tags set on a column itself say that it holds none of the personal data it was made of: a denial, or
 * where nothing but a classification marked that data, another classification.
 */
export function deniesPersonal(own: Tags, { key }: PersonalMark): boolean {
  if (isPersonal(own)) return false;
  const denied = KEYS.some((one) => Object.hasOwn(own, one));
  return denied || (key === 'classification' && Object.hasOwn(own, 'classification'));
}
