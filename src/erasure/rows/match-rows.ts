import { quoteLiteral, quoteIdentifier, type Column } from '../../base/data-type.ts';
import { sha256Hex } from '../../base/canonical.ts';
import { comparedSql, comparedValue } from '../../pipelines/erased-subjects/subject-hash.ts';
import type { MatchColumn, SubjectValues } from '../erasure-model.ts';

/** The values that a column of a role may have, as they are compared. */
export function matchedValues(
  { given, keys, identifiers }: SubjectValues,
  role: MatchColumn['role'],
): string[] {
  const plain = [given, ...(role === 'key' ? keys : identifiers)];
  // A consumer may have been given the hash: the mask `sha-256-global`.
  const hashed = plain.map((value) => sha256Hex(value));
  return [...new Set([...plain, ...hashed].map((value) => comparedValue(value, role)))];
}

/** True for the subject's rows; NULL where a column is. */
export function subjectRowsSql(columns: MatchColumn[], values: SubjectValues): string {
  const tests = columns.map(({ column, role }) => {
    const list = matchedValues(values, role).map(quoteLiteral).join(', ');
    return `${comparedSql(column, role)} IN (${list})`;
  });
  return `(${tests.join(' OR ')})`;
}

/** Below this a text is found in others by chance. */
const TELLING_LENGTH = 6;

/** The values that tell the subject wherever they are found: long enough not to be part of other words. */
export function tellingValues({ given, keys, identifiers }: SubjectValues): string[] {
  const all = new Set([given, ...keys, ...identifiers].map((value) => value.trim()));
  return [...all].filter((value) => value.length >= TELLING_LENGTH);
}

/** True for rows in which a text, or something inside a nested value, holds one of these. */
export function holdsTextSql(columns: Column[], values: string[]): string | null {
  const texts = columns.filter(({ type }) => ['string', 'struct', 'list', 'map'].includes(type.kind));
  if (texts.length === 0 || values.length === 0) return null;
  const tests = texts.flatMap(({ name }) => {
    const text = `lower(CAST(${quoteIdentifier(name)} AS VARCHAR))`;
    return values.map((value) => `contains(${text}, lower(${quoteLiteral(value)}))`);
  });
  return `(${tests.join(' OR ')})`;
}
