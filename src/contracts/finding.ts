import type { Path } from './parse-document.ts';

/** Something wrong at a place of a document; `key` when the key itself is wrong. */
export interface Finding {
  path: Path;
  at?: 'key' | 'value';
  message: string;
  /** The rule looked at the whole: when a part with a wrong shape was left out, its verdict means nothing. */
  needsWhole?: boolean;
}

/** A rule that a shape cannot say. */
export type Rule<Model> = (value: Model) => Finding[];
