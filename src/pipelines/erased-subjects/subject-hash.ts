import { createHmac } from 'node:crypto';
import { sha256Hex } from '../../base/canonical.ts';
import { quoteIdentifier, quoteLiteral } from '../../base/data-type.ts';
import type { SubjectColumn } from '../../contracts/data-subjects.ts';

type Role = SubjectColumn['role'];

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** How identifiers are compared: without blanks around them and without the case of A to Z. */
export function foldValue(text: string): string {
  return text.replaceAll(/^\p{Zs}+|\p{Zs}+$/gu, '').replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The value of a column as it is compared: a key as it stands, an identifier folded. */
export function comparedSql(column: string, role: Role): string {
  const text = `CAST(${quoteIdentifier(column)} AS VARCHAR)`;
  return role === 'key' ? text : `translate(trim(${text}), '${CAPITALS}', '${CAPITALS.toLowerCase()}')`;
}

/** The same outside of SQL. */
export function comparedValue(text: string, role: Role): string {
  return role === 'key' ? text : foldValue(text);
}

/**
 * Keyed hashes of subjects, the same here and in SQL. NMAC (Bellare, Canetti, Krawczyk 1996) of SHA-256: the
 * inner and the outer key fill one block each, so that it takes no more than an engine's `sha256` and
 * `concat`, and who has the hashes without the key cannot try values.
 */
export class SubjectHash {
  readonly #inner: string;
  readonly #outer: string;

  constructor(key: Buffer) {
    this.#inner = createHmac('sha256', key).update('inner').digest('hex');
    this.#outer = createHmac('sha256', key).update('outer').digest('hex');
  }

  of(role: Role | 'given', value: string): string {
    return sha256Hex(this.#outer + sha256Hex(`${this.#inner}${role}:${value}`));
  }

  /** True for rows of which a column hashes to one of these; never NULL. */
  matchSql(columns: Pick<SubjectColumn, 'column' | 'role'>[], hashes: string[]): string {
    const list = hashes.map(quoteLiteral).join(', ');
    const tests = columns.map(({ column, role }) => {
      const inner = `sha256(concat('${this.#inner}${role}:', ${comparedSql(column, role)}))`;
      const isNull = `${quoteIdentifier(column)} IS NULL`;
      return `(NOT ${isNull} AND sha256(concat('${this.#outer}', ${inner})) IN (${list}))`;
    });
    return tests.join(' OR ');
  }
}
