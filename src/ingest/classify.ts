import { classifyGtin } from '../cpg/gtin.ts';
import { isGln } from '../cpg/gs1-keys.ts';

/** What a column seems to hold, beyond its type. A suggestion for the owner, never a decision. */
export type ColumnMeaning =
  | 'email'
  | 'phone'
  | 'person-name'
  | 'birth-date'
  | 'street-address'
  | 'iban'
  | 'postal-code'
  | 'gtin'
  | 'gln';

/**
 * Meanings that name a person or lead to one (GDPR Art. 4(1)), with the value of the tag `personal-data` that
 * the blueprints have for it; null where they have none.
 */
const PERSONAL: ReadonlyMap<ColumnMeaning, string | null> = new Map([
  ['email', 'contact'],
  ['phone', 'contact'],
  ['person-name', 'name'],
  ['birth-date', 'birth-date'],
  ['street-address', 'location'],
  ['iban', null],
]);

export function isPersonal(meaning: ColumnMeaning | null): boolean {
  return meaning !== null && PERSONAL.has(meaning);
}

/** The kind of personal data that a meaning is. */
export function personalKind(meaning: ColumnMeaning): string | null {
  return PERSONAL.get(meaning) ?? null;
}

/** Share of values that must fit a pattern: real columns hold some dirt. */
const MOST = 0.8;

interface MeaningRule {
  meaning: ColumnMeaning;
  /** Of the name's words, joined by `_`: `firstName` is `first_name`. */
  name?: RegExp;
  value?: (value: string) => boolean;
  /** The values alone say it, whatever the column is called. */
  valueSuffices?: boolean;
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i;
const PHONE = /^\+?[\d\s().\-/x]{7,24}$/;
const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/;
const POSTAL_CODE = /^(?=.*\d)[A-Z0-9][A-Z0-9 -]{2,9}$/i;

/** In this order: the first rule that fits wins. */
const RULES: readonly MeaningRule[] = [
  { meaning: 'email', value: (value) => EMAIL.test(value), valueSuffices: true },
  { meaning: 'iban', value: (value) => IBAN.test(value.replaceAll(' ', '')), valueSuffices: true },
  { meaning: 'gln', name: /(^|_)gln(_|$)/, value: (value) => isGln(value) },
  {
    meaning: 'gtin',
    name: /(^|_)(gtin|ean|upc|barcode|scc|itf)\d*(_|$)/,
    value: (value) => ['valid', 'zeros-lost'].includes(classifyGtin(value.replace(/[\s-]/g, '')).status),
  },
  {
    meaning: 'phone',
    name: /(^|_)(phone|telephone|tel|mobile|fax|cell)(_|$)/,
    value: (value) => PHONE.test(value) && value.replace(/\D/g, '').length >= 7,
  },
  {
    meaning: 'postal-code',
    name: /(^|_)(zip|zip_code|post_?code|postal_code|plz)(_|$)/,
    value: (value) => POSTAL_CODE.test(value),
  },
  { meaning: 'birth-date', name: /(^|_)(birth_?date|date_of_birth|dob|birthday)(_|$)/ },
  {
    meaning: 'person-name',
    name: /(^|_)(first|last|given|family|middle|sur|full|customer|contact|employee|person|maiden)_?name(_|$)/,
  },
  { meaning: 'street-address', name: /(^|_)(street|street_address|address_line_?\d?|home_address)(_|$)/ },
];

/** The meaning of a column by its name and some of its values (not NULL); null where nothing stands out. */
export function classifyColumn(name: string, values: readonly string[]): ColumnMeaning | null {
  const words = wordsOf(name);
  const rule = RULES.find(({ name: pattern, value, valueSuffices }) => {
    const named = pattern === undefined || pattern.test(words);
    if (!named) return false;
    if (value === undefined) return true;
    const fitting = values.filter(value).length;
    return values.length === 0 ? !valueSuffices : fitting >= values.length * MOST;
  });
  return rule?.meaning ?? null;
}

function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
}
