import { MeshError } from '../base/errors.ts';

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';
  /** The meaning: without quotes, with doubled quotes undone. */
  text: string;
  offset: number;
}

const TOKEN =
  /(?<space>\s+)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<number>\d+(?:\.\d+)?)|'(?<string>(?:[^']|'')*)'|"(?<quoted>(?:[^"]|"")*)"|(?<symbol><>|<=|>=|!=|[=<>(),.-])/uy;

/** The tokens of a row filter, closed by one `end` token. */
export function lexRowFilter(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(text);
    if (!match) throw syntaxError(text, offset, unreadable(text, offset));
    const token = toToken(match.groups!, offset);
    if (token) tokens.push(checked(token, tokens.at(-1), text));
    offset = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', offset });
  return tokens;
}

function toToken(groups: Record<string, string | undefined>, offset: number): Token | null {
  if (groups.space !== undefined) return null;
  if (groups.string !== undefined) {
    return { kind: 'string', text: groups.string.replaceAll("''", "'"), offset };
  }
  if (groups.quoted !== undefined) {
    return { kind: 'quoted', text: groups.quoted.replaceAll('""', '"'), offset };
  }
  if (groups.number !== undefined) return { kind: 'number', text: groups.number, offset };
  if (groups.word !== undefined) return { kind: 'word', text: groups.word, offset };
  return { kind: 'symbol', text: groups.symbol!, offset };
}

function checked(token: Token, before: Token | undefined, text: string): Token {
  if (token.kind === 'quoted' && token.text === '') {
    throw syntaxError(text, token.offset, 'a column name cannot be empty');
  }
  // A NUL or half a surrogate pair cannot be carried exactly by SQL text.
  if (token.text.includes('\0') || !token.text.isWellFormed()) {
    throw syntaxError(text, token.offset, 'this text holds a character that cannot be stored; remove it');
  }
  if (before?.kind === 'number' && touches(before, token)) throw numberError(before, token, text);
  return token;
}

function touches(before: Token, token: Token): boolean {
  const glued = before.offset + before.text.length === token.offset;
  return glued && (token.kind === 'word' || token.kind === 'number' || token.text === '.');
}

function numberError(before: Token, token: Token, text: string): MeshError {
  const advice = /^e\d*$/i.test(token.text) ? 'write it without an exponent' : 'write it as 10 or 10.50';
  return syntaxError(text, before.offset, `${before.text}${token.text} is not a number here; ${advice}`);
}

function unreadable(text: string, offset: number): string {
  const character = String.fromCodePoint(text.codePointAt(offset)!);
  if (character === "'") return "this string has no closing quote; write 'text', and a quote inside as ''";
  if (character === '"') return 'this name has no closing quote; write "name"';
  if (character === ';') return 'a filter is one condition; remove the semicolon';
  return `${JSON.stringify(character)} has no meaning here; a filter holds comparisons joined by and, or, not`;
}

/** The refusal of a text, with the place in it. */
export function syntaxError(text: string, offset: number, message: string): MeshError {
  return new MeshError('policy.filter-invalid', { problems: [{ message, place: placeOf(text, offset) }] });
}

/** `line:column`, both from 1, columns in characters. */
export function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${[...before.at(-1)!].length + 1}`;
}
