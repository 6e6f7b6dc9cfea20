/** The library's syntax tree is plain JSON: `{ kind: body }` for every expression. */
export type Node = Record<string, unknown>;

/** Parts that hold no expression: positions, comments, types. */
const NO_SYNTAX = new Set([
  'span',
  'comments',
  'trailing_comments',
  'leading_comments',
  'inferred_type',
  'data_type',
]);

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The entries of a node that may hold syntax. */
export function entriesOf(node: Node): [string, unknown][] {
  return Object.entries(node).filter(([key, value]) => value !== null && !NO_SYNTAX.has(key));
}

/** Visits every object below `value`, parents first, without recursion: a statement may be deep. */
export function eachNode(value: unknown, visit: (node: Node) => void): void {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (Array.isArray(next)) waiting.push(...(next as unknown[]));
    else if (isNode(next)) {
      visit(next);
      for (const [, part] of entriesOf(next)) waiting.push(part);
    }
  }
}

/** `{ name: "x", quoted: … }` -> `x`. */
export function nameOf(identifier: unknown): string {
  return isNode(identifier) && typeof identifier['name'] === 'string' ? identifier['name'] : '';
}

export interface ColumnName {
  /** Qualifier as written; empty without one. */
  table: string;
  name: string;
}

/** The column a `column` node names; null for every other node. */
export function columnOf(node: Node): ColumnName | null {
  const body = node['column'];
  if (!isNode(body)) return null;
  return { table: nameOf(body['table']), name: nameOf(body['name']) };
}

export function lower(text: string): string {
  return text.toLowerCase();
}
