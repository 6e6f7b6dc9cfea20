export type SqlTokenKind = 'keyword' | 'text' | 'name' | 'number' | 'comment' | 'plain';

export interface SqlToken {
  kind: SqlTokenKind;
  text: string;
}

const KEYWORDS = new Set(
  `all and anti any as asc asof between by case cast cross current cube date desc describe distinct else end
  except exclude exists extract false fetch filter first following for from full group having ilike in inner
  intersect interval into is join last lateral left like limit not null nulls offset on or order outer over
  partition pivot positional preceding qualify range recursive replace right rollup row rows sample select semi
  similar some summarize table then time timestamp true try_cast unbounded union unnest unpivot using values
  when where window with within`.split(/\s+/),
);

const TOKEN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:[^']|'')*(?:'|$))|(?<name>"(?:[^"]|"")*(?:"|$))|(?<number>\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<plain>[^\p{L}\p{N}_'"/-]+|.)/giu;

/** Splits SQL for colouring only: whatever is typed, the tokens joined are the text again. */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const match of sql.matchAll(TOKEN)) {
    const kind = kindOf(match.groups ?? {}, match[0]);
    const last = tokens.at(-1);
    if (last?.kind === 'plain' && kind === 'plain') last.text += match[0];
    else tokens.push({ kind, text: match[0] });
  }
  return tokens;
}

function kindOf(groups: Record<string, string | undefined>, text: string): SqlTokenKind {
  if (groups.word !== undefined) return KEYWORDS.has(text.toLowerCase()) ? 'keyword' : 'plain';
  for (const kind of ['comment', 'text', 'name', 'number'] as const) {
    if (groups[kind] !== undefined) return kind;
  }
  return 'plain';
}

/** Where `line:column` (both from 1, columns in characters) lies in the text, or null when it is no such place. */
export function offsetOf(text: string, place: string | undefined): number | null {
  const [, line, column] = /(\d+):(\d+)$/.exec(place ?? '') ?? [];
  if (line === undefined || column === undefined) return null;
  const lines = text.split('\n');
  if (Number(line) > lines.length) return null;
  const before = lines.slice(0, Number(line) - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return Math.min(before + Number(column) - 1, text.length);
}

/** A name as SQL needs it written: quoted unless it is a plain lower-case word. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
