/** A value of a result as one line of text; null and undefined are the caller's to show. */
export function cellText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

const NUMERIC =
  /^(tinyint|smallint|integer|int|bigint|hugeint|long|u(tiny|small|big|huge)?int(eger)?|decimal|numeric|float|double|real)/i;

/** Whether values of this type (an engine's or Iceberg's name) line up at the right. */
export const isNumericType = (type: string): boolean => NUMERIC.test(type) && !type.endsWith(']');
