/**
 * The check digit of the GS1 keys GTIN, GLN and SSCC (GS1 General Specifications, "Check digit calculations"):
 * from the right, weights 3, 1, 3, 1 …; the digit that fills the sum up to a multiple of ten.
 * `digits` is the key without its check digit; it must hold digits only.
 */
export function checkDigit(digits: string): number {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    sum += place % 2 === 0 ? digit * 3 : digit;
  }
  return (10 - (sum % 10)) % 10;
}

/** The key with its check digit put at the end. */
export function withCheckDigit(digits: string): string {
  return digits + String(checkDigit(digits));
}

/** Whether the last digit of a key is right. Zeros on the left do not change the answer. */
export function checkDigitHolds(key: string): boolean {
  return /^\d{2,}$/.test(key) && checkDigit(key.slice(0, -1)) === key.charCodeAt(key.length - 1) - 48;
}
