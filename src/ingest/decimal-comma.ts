/**
 * Numbers as much of Europe writes them: `1.234,56`. Points stand between groups of three, the comma before the
 * fraction. What has a point elsewhere, such as `12.5`, is no number of such a file: 125 would be a guess.
 */
const NUMBER = '-?(([1-9][0-9]{0,2}(\\.[0-9]{3})+|0|[1-9][0-9]*)(,[0-9]+)?|,[0-9]+)';
const WITH_COMMA = new RegExp(`^${NUMBER}$`);
const WITH_POINT = /^-?(0|[1-9]\d*)?\.\d+(e[+-]?\d+)?$/i;

/** The value as a number with a point where it is one, and as text of no other type where it is another's number. */
export function pointNumber(value: string): string {
  if (WITH_COMMA.test(value)) return value.replaceAll('.', '').replace(',', '.');
  return WITH_POINT.test(value) ? `text ${value}` : value;
}

/** SQL that is true for texts that are such numbers. */
export function isCommaNumberSql(text: string): string {
  return `regexp_full_match(${text}, '${NUMBER}')`;
}

/** SQL for the text of the number with a point. */
export function pointNumberSql(text: string): string {
  return `replace(replace(${text}, '.', ''), ',', '.')`;
}

/** SQL that casts such a text; one that is no such number fails with what it says. */
export function castCommaNumberSql(text: string, target: string): string {
  const number = `CASE WHEN ${isCommaNumberSql(text)} THEN ${pointNumberSql(text)} ELSE 'not with a decimal comma: ' || ${text} END`;
  return `CAST(${number} AS ${target})`;
}

/** Whether every value is a number and one at least shows its decimal comma: `12,5` beside `7`. */
export function looksLikeCommaNumbers(values: readonly string[]): boolean {
  return values.some((value) => value.includes(',')) && values.every((value) => WITH_COMMA.test(value));
}
