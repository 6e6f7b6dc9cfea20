/** Words in use for ODCS `classification`, from open to strict; the standard leaves them open. */
const ORDER = [
  ['public', 'open'],
  ['internal'],
  ['confidential', 'sensitive'],
  ['restricted', 'secret', 'highly confidential', 'strictly confidential', 'highly restricted'],
];

/** What is not classified is treated as internal: neither for everybody nor for few. */
const UNCLASSIFIED = 1;

/** How strict a classification is; null for a word that has no place in the order. */
export function rankOf(classification: string | undefined): number | null {
  if (classification === undefined) return UNCLASSIFIED;
  const word = classification.trim().toLowerCase().replace(/[_-]+/g, ' ');
  const rank = ORDER.findIndex((words) => words.includes(word));
  return rank < 0 ? null : rank;
}
