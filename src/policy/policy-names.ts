import { placeOf } from './row-filter-lex.ts';

/** Something of the mesh that a policy names: `Domain::"sales"`. */
export interface PolicyName {
  type: 'Domain' | 'Role' | 'Product';
  name: string;
  /** `line:column`. */
  place: string;
}

/** A comment, something that is named, or a text that is none of the two (Cedar's grammar, "Lexical structure"). */
const TOKENS = /\/\/[^\n]*|\b(Domain|Role|Product)\s*::\s*"((?:[^"\\]|\\.)*)"|"(?:[^"\\]|\\.)*"/g;

/** Domains, roles and products that a text of policies names. What is written with escapes is left alone. */
export function namesIn(text: string): PolicyName[] {
  return [...text.matchAll(TOKENS)].flatMap(({ 1: type, 2: name, index }) =>
    type === undefined || name === undefined || name.includes('\\')
      ? []
      : [{ type: type as PolicyName['type'], name, place: placeOf(text, index) }],
  );
}
