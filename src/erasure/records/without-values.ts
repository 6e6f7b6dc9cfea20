/** What stands where a value was. */
const GONE = '(erased)';

/** A to Z without case, as the database compares. */
export function plainCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * A stored value without the texts of a subject: rows of samples that hold one go as a whole, in every other
 * text it is replaced. Null where nothing was found.
 */
export function withoutValues(value: unknown, values: string[]): { value: unknown } | null {
  const wanted = values.map(plainCase);
  let found = false;
  const holds = (text: string) => wanted.some((one) => plainCase(text).includes(one));
  const clean = (item: unknown): unknown => {
    if (typeof item === 'string') {
      if (!holds(item)) return item;
      found = true;
      return replaced(item, wanted);
    }
    if (typeof item === 'number') {
      if (!wanted.includes(String(item))) return item;
      found = true;
      return null;
    }
    if (Array.isArray(item)) return item.map(clean);
    if (typeof item !== 'object' || item === null) return item;
    const sample = sampleRows(item);
    const rows = sample?.filter((row) => !row.some((cell) => holds(textOf(cell))));
    if (sample !== null && rows!.length < sample.length) found = true;
    const cleaned = Object.fromEntries(
      Object.entries(item).map(([key, part]) => [replacedKey(key), clean(part)]),
    );
    return rows === undefined ? cleaned : { ...cleaned, rows };
  };
  const replacedKey = (key: string) => (holds(key) ? replaced(key, wanted) : key);
  const cleaned = clean(value);
  return found || JSON.stringify(cleaned) !== JSON.stringify(value) ? { value: cleaned } : null;
}

/** `{ columns, rows }`: rows of a table that were kept to be shown. */
function sampleRows(item: object): unknown[][] | null {
  if (!('columns' in item) || !('rows' in item) || !Array.isArray(item.columns)) return null;
  const { rows } = item;
  return Array.isArray(rows) && rows.every(Array.isArray) ? (rows as unknown[][]) : null;
}

function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '');
}

/** Every place of every value, longest first, so that a part of one does not hide the whole. */
function replaced(text: string, wanted: string[]): string {
  const words = wanted.toSorted((left, right) => right.length - left.length).map(anyCase);
  return text.replaceAll(new RegExp(words.join('|'), 'g'), GONE);
}

/** A pattern for the text with A to Z in either case. */
function anyCase(text: string): string {
  return text.replaceAll(/[^]/gu, (character) => {
    if (/[a-z]/.test(character)) return `[${character}${character.toUpperCase()}]`;
    return /[\p{L}\p{N}]/u.test(character) ? character : RegExp.escape(character);
  });
}
