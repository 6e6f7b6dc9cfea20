import { lexRowFilter, syntaxError, type Token } from './row-filter-lex.ts';
import {
  FILTER_LIMITS,
  type Attribute,
  type CompareOperator,
  type Constant,
  type Operand,
  type RowFilter,
} from './row-filter-model.ts';

/** Words that cannot be a column's name without quotes. */
export const RESERVED_WORDS = new Set([
  'and',
  'or',
  'not',
  'between',
  'in',
  'like',
  'is',
  'null',
  'true',
  'false',
  'principal',
]);

const SYMBOLS: Record<string, CompareOperator> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

const TYPED_LITERALS = ['date', 'time', 'timestamp'] as const;

/**
 * Reads a row filter: comparisons, between, in, like with a prefix, is null, and/or/not over columns,
 * constants and attributes of the principal (`region in principal.regions`).
 *
 * @throws MeshError `policy.filter-invalid` with the place as `line:column`.
 */
export function parseRowFilter(text: string): RowFilter {
  if (text.length > FILTER_LIMITS.characters) {
    throw syntaxError(text, 0, `a filter may have ${FILTER_LIMITS.characters} characters; shorten it`);
  }
  return new Parser(text).filter();
}

class Parser {
  readonly #text: string;
  readonly #tokens: Token[];
  #next = 0;
  #depth = 0;
  #terms = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = lexRowFilter(text);
  }

  filter(): RowFilter {
    if (this.#atEnd()) this.#fail('a filter cannot be empty; write true for all rows');
    const filter = this.#or();
    if (!this.#atEnd()) this.#fail(`${this.#found()} is not expected here; join with and or or`);
    return filter;
  }

  #or(): RowFilter {
    const terms = [this.#and()];
    while (this.#takeWord('or')) terms.push(this.#and());
    return terms.length === 1 ? terms[0]! : { op: 'or', terms };
  }

  #and(): RowFilter {
    const terms = [this.#not()];
    while (this.#takeWord('and')) terms.push(this.#not());
    return terms.length === 1 ? terms[0]! : { op: 'and', terms };
  }

  #not(): RowFilter {
    if (!this.#takeWord('not')) return this.#primary();
    return this.#nested(() => ({ op: 'not', term: this.#not() }));
  }

  #primary(): RowFilter {
    if (this.#takeSymbol('(')) {
      return this.#nested(() => {
        const filter = this.#or();
        this.#expectSymbol(')', 'this parenthesis is not closed; write )');
        return filter;
      });
    }
    this.#countTerm();
    if (this.#takeWord('true')) return { op: 'true' };
    if (this.#takeWord('false')) return { op: 'false' };
    return this.#test(this.#column());
  }

  #test(column: string): RowFilter {
    if (this.#takeWord('is')) return this.#nullTest(column);
    if (this.#takeWord('not')) return { op: 'not', term: this.#setTest(column) };
    const operator = this.#token.kind === 'symbol' ? SYMBOLS[this.#token.text] : undefined;
    if (!operator) return this.#setTest(column);
    this.#next++;
    if (this.#token.text === '=') this.#fail('write = once, or <= and >= without a space');
    return { op: 'compare', column, operator, value: this.#operand() };
  }

  #nullTest(column: string): RowFilter {
    const negated = this.#takeWord('not');
    if (!this.#takeWord('null')) this.#fail('after is comes null or not null');
    const test: RowFilter = { op: 'is-null', column };
    return negated ? { op: 'not', term: test } : test;
  }

  #setTest(column: string): RowFilter {
    if (this.#takeWord('between')) return this.#between(column);
    if (this.#takeWord('in')) return { op: 'in', column, values: this.#values() };
    if (this.#takeWord('like')) return { op: 'like', column, prefix: this.#prefix() };
    if (this.#token.text === '.') {
      this.#fail(
        'a filter reads whole columns, not their parts; write the column alone (with quotes if it has a dot)',
      );
    }
    const advice = 'write =, <>, <, <=, >, >=, between, in, like or is null';
    return this.#fail(`after ${column} comes a comparison, not ${this.#found()}; ${advice}`);
  }

  #between(column: string): RowFilter {
    const low = this.#operand();
    if (!this.#takeWord('and')) this.#fail('between needs two values; write between LOW and HIGH');
    return { op: 'between', column, low, high: this.#operand() };
  }

  #values(): Operand[] | Attribute {
    if (this.#isPrincipal()) return this.#attribute();
    this.#expectSymbol('(', 'after in comes a list such as (1, 2) or an attribute such as principal.regions');
    const values = [this.#operand()];
    while (this.#takeSymbol(',')) {
      if (values.length >= FILTER_LIMITS.values) {
        this.#fail(
          `a list may have ${FILTER_LIMITS.values} values; keep the rest in a column or an attribute`,
        );
      }
      values.push(this.#operand());
    }
    this.#expectSymbol(')', 'this list is not closed; write )');
    return values;
  }

  /** Only a prefix can be expressed by every door; `\%`, `\_` and `\\` stand for themselves. */
  #prefix(): string {
    const token = this.#token;
    if (token.kind !== 'string') this.#fail("after like comes a prefix such as 'SKU-%'");
    this.#next++;
    const match = /^((?:[^\\%_]|\\[\\%_])*)%$/u.exec(token.text);
    if (!match) {
      this.#failAt(
        token,
        "like takes a prefix that ends in one %; write 'SKU-%', and \\% or \\_ for the character",
      );
    }
    return match[1]!.replace(/\\([\\%_])/g, '$1');
  }

  #operand(): Operand {
    if (this.#isPrincipal()) return this.#attribute();
    return this.#constant();
  }

  #constant(): Constant {
    const token = this.#token;
    if (token.kind === 'string') return { value: this.#take().text };
    if (token.kind === 'number') return numberConstant('', this.#take().text);
    if (this.#takeSymbol('-')) {
      if (this.#token.kind !== 'number') this.#fail('after - comes a number');
      return numberConstant('-', this.#take().text);
    }
    if (token.kind === 'word') return this.#wordConstant(token);
    if (token.kind === 'end') this.#fail('a value is missing at the end');
    return this.#fail(
      `${this.#found()} is not a value; write 'text', a number, DATE '2026-01-31' or principal.attribute`,
    );
  }

  #wordConstant(token: Token): Constant {
    const word = token.text.toLowerCase();
    if (word === 'true' || word === 'false') {
      this.#next++;
      return { value: word === 'true' };
    }
    const literal = TYPED_LITERALS.find((name) => name === word);
    if (literal && this.#tokens[this.#next + 1]!.kind === 'string') {
      this.#next++;
      return { value: this.#take().text, literal };
    }
    if (word === 'null') this.#fail('nothing equals null; write is null or is not null');
    return this.#fail(
      `${token.text} is not a value; write '${token.text}' for text: two columns cannot be compared`,
    );
  }

  #column(): string {
    const token = this.#token;
    if (token.kind === 'quoted') return this.#take().text;
    if (token.kind === 'end') this.#fail('a condition is missing at the end');
    if (token.kind !== 'word') this.#fail(`a comparison starts with a column, not ${this.#found()}`);
    if (this.#isPrincipal()) {
      this.#fail('write the column first: region = principal.region');
    }
    if (RESERVED_WORDS.has(token.text.toLowerCase())) {
      this.#fail(`${token.text} is not expected here; for a column of that name write "${token.text}"`);
    }
    return this.#take().text;
  }

  #isPrincipal(): boolean {
    return this.#token.kind === 'word' && this.#token.text.toLowerCase() === 'principal';
  }

  #attribute(): Attribute {
    this.#next++;
    this.#expectSymbol('.', 'after principal comes an attribute: principal.region');
    const token = this.#token;
    if (token.kind !== 'word' && token.kind !== 'quoted') {
      this.#fail('after principal. comes the name of an attribute');
    }
    return { attribute: this.#take().text };
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > FILTER_LIMITS.depth) {
      this.#fail(`a filter may be nested ${FILTER_LIMITS.depth} deep; write it flatter`);
    }
    const result = read();
    this.#depth--;
    return result;
  }

  #countTerm(): void {
    if (++this.#terms > FILTER_LIMITS.terms) {
      this.#fail(`a filter may have ${FILTER_LIMITS.terms} conditions; use in with a list`);
    }
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #atEnd(): boolean {
    return this.#token.kind === 'end';
  }

  #take(): Token {
    return this.#tokens[this.#next++]!;
  }

  #takeWord(word: string): boolean {
    const found = this.#token.kind === 'word' && this.#token.text.toLowerCase() === word;
    if (found) this.#next++;
    return found;
  }

  #takeSymbol(symbol: string): boolean {
    const found = this.#token.kind === 'symbol' && this.#token.text === symbol;
    if (found) this.#next++;
    return found;
  }

  #expectSymbol(symbol: string, otherwise: string): void {
    if (!this.#takeSymbol(symbol)) this.#fail(otherwise);
  }

  #found(): string {
    return this.#token.kind === 'end' ? 'the end' : JSON.stringify(this.#token.text);
  }

  #fail(message: string): never {
    return this.#failAt(this.#token, message);
  }

  #failAt(token: Token, message: string): never {
    throw syntaxError(this.#text, token.offset, message);
  }
}

function numberConstant(sign: string, digits: string): Constant {
  if (digits.includes('.')) return { value: sign + digits, literal: 'decimal' };
  const exact = BigInt(sign + digits);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? { value: number } : { value: exact.toString(), literal: 'integer' };
}
