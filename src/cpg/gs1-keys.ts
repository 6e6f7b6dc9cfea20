import { checkDigitHolds, withCheckDigit } from './check-digit.ts';

/** Whether the text is a Global Location Number: 13 digits, the last of them the check digit. */
export function isGln(text: string): boolean {
  return text.length === 13 && checkDigitHolds(text);
}

/** Whether the text is a Serial Shipping Container Code: 18 digits, the last of them the check digit. */
export function isSscc(text: string): boolean {
  return text.length === 18 && checkDigitHolds(text);
}

/** The GLN of a company's location `reference`. Prefix and reference together have twelve digits. */
export function makeGln(companyPrefix: string, reference: number): string {
  return withCheckDigit(companyPrefix + String(reference).padStart(12 - companyPrefix.length, '0'));
}

/** The SSCC of a logistic unit: extension digit, company prefix, serial, check digit. */
export function makeSscc(extension: number, companyPrefix: string, serial: number): string {
  return withCheckDigit(
    String(extension) + companyPrefix + String(serial).padStart(16 - companyPrefix.length, '0'),
  );
}

/** A base item's GTIN as 14 digits; prefix and item reference together have twelve digits. */
export function makeGtin(companyPrefix: string, reference: number): string {
  return '0' + withCheckDigit(companyPrefix + String(reference).padStart(12 - companyPrefix.length, '0'));
}

/**
 * A GLN or SSCC read from a file: separators dropped, the application identifier `(00)` of an SSCC label cut
 * off, lost zeros put back. Null when the check digit does not hold.
 */
export function normaliseGln(text: string): string | null {
  return normaliseKey(text.replace(/[\s-]/g, ''), 13);
}

export function normaliseSscc(text: string): string | null {
  return normaliseKey(text.replace(/^\(00\)/, '').replace(/[\s-]/g, ''), 18);
}

function normaliseKey(digits: string, length: number): string | null {
  // More than three lost zeros is not a damaged key but another number.
  if (digits.length > length || digits.length < length - 3) return null;
  return checkDigitHolds(digits) ? digits.padStart(length, '0') : null;
}
