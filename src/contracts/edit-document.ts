import { isAlias, isCollection, isMap, isScalar, isSeq, parseDocument as parseYaml } from 'yaml';
import type { Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { canonicalJson } from '../base/canonical.ts';
import { MeshError } from '../base/errors.ts';
import { jsonPointer, parseDocument, type Path, type SourceText } from './parse-document.ts';
import { printYaml, type YamlStyle } from './print-document.ts';

/** A value to set at a path, or, without one, a path to delete. */
export interface DocumentEdit {
  path: Path;
  value?: unknown;
}

/**
 * The text with one value set or deleted and nothing else touched: comments, order and form of everything
 * around stay as they are. What is missing on the way is made; an index one past the end appends. The result
 * is read again: an edit that would change anything else is refused (`contract.not-editable`).
 */
export function editDocument(source: SourceText & { content: string }, edit: DocumentEdit): string {
  const before = parseDocument(source);
  const refuse = () =>
    new MeshError('contract.not-editable', { facts: { file: source.file, pointer: jsonPointer(edit.path) } });
  if (before.value === undefined || before.problems.length > 0 || edit.path.length === 0) throw refuse();
  const wanted = expected(before.value, edit);
  if (same(before.value, wanted)) return source.content;
  // A text of several lines cannot stand as a block before a comment, nor inside braces.
  for (const style of ['block', 'quoted'] as const) {
    const splice = spliceOf(source.content, edit, style);
    if (!splice) throw refuse();
    const text = source.content.slice(0, splice.start) + splice.text + source.content.slice(splice.end);
    const after = parseDocument({ file: source.file, content: text });
    if (after.problems.length === 0 && same(after.value, wanted)) return text;
  }
  throw refuse();
}

function same(left: unknown, right: unknown): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

/** The values after the edit, by the plain meaning of setting and deleting. */
function expected(value: unknown, { path, value: wanted }: DocumentEdit): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return wanted;
  if (typeof key === 'number') {
    const list = Array.isArray(value) ? [...(value as unknown[])] : [];
    if (wanted === undefined && rest.length === 0) list.splice(key, 1);
    else list[key] = expected(list[key], { path: rest, value: wanted });
    return list;
  }
  const { [key]: inner, ...others } = (value ?? {}) as Record<string, unknown>;
  if (wanted === undefined && (rest.length === 0 || inner === undefined)) return others;
  return { ...others, [key]: expected(inner, { path: rest, value: wanted }) };
}

interface Splice {
  start: number;
  end: number;
  text: string;
}

type Holder = YAMLMap<Scalar, Node | null> | YAMLSeq<Node | null>;

/** Where the text changes and what stands there then; null where the place is no plain part of the text. */
function spliceOf(text: string, edit: DocumentEdit, style: YamlStyle): Splice | null {
  const root = parseYaml(text, { version: '1.2', schema: 'core', uniqueKeys: false }).contents;
  if (!isMap(root)) return null;
  return new Splicer(text, style).edit(root as YAMLMap<Scalar, Node | null>, edit);
}

class Splicer {
  private readonly text: string;
  private readonly lineEnd: string;

  private readonly style: YamlStyle;

  constructor(text: string, style: YamlStyle) {
    this.text = text;
    this.style = style;
    this.lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  }

  edit(holder: Holder, { path, value }: DocumentEdit): Splice | null {
    const [key, ...rest] = path;
    const index = isSeq(holder) ? Number(key) : holder.items.findIndex((pair) => keyOf(pair) === key);
    const item = holder.items[index];
    const node = item === undefined ? undefined : valueOf(holder, item);
    if (node && (isAlias(node) || node.anchor !== undefined)) return null;
    if (item !== undefined && rest.length > 0 && isCollection(node)) {
      return this.edit(node as Holder, { path: rest, value });
    }
    if (value === undefined) return item === undefined ? null : this.remove(holder, index);
    const whole = rest.reduceRight<unknown>(
      (inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }),
      value,
    );
    return item === undefined ? this.add(holder, key!, whole) : this.replace(holder, index, whole);
  }

  private replace(holder: Holder, index: number, value: unknown): Splice {
    const item = holder.items[index]!;
    const start = startOf(item);
    const end = this.endOf(item);
    return { start, end, text: this.print(holder, { key: keyOf(item), value, start }) };
  }

  private add(holder: Holder, key: string | number, value: unknown): Splice | null {
    const last = holder.items.at(-1);
    if (last === undefined || (isSeq(holder) && key !== holder.items.length)) {
      return last === undefined ? this.fill(holder, key, value) : null;
    }
    const printed = this.print(holder, { key, value, start: startOf(holder.items[0]!) });
    const end = this.endOf(last);
    if (holder.flow) return { start: end, end, text: `, ${printed}` };
    const margin = ' '.repeat(
      this.columnOf(isSeq(holder) ? this.dashBefore(holder) : startOf(holder.items[0]!)),
    );
    const at = this.nextLine(end);
    const open = this.text[at - 1] === '\n' ? '' : this.lineEnd;
    return {
      start: at,
      end: at,
      text: `${open}${margin}${isSeq(holder) ? '- ' : ''}${printed}${this.lineEnd}`,
    };
  }

  /** Into `{}` or `[]`, which alone can be empty. */
  private fill(holder: Holder, key: string | number, value: unknown): Splice {
    const [start, end] = holder.range!;
    const whole = isSeq(holder) ? [value] : { [key]: value };
    return { start, end, text: printYaml(whole, 'flow').trimEnd() };
  }

  private remove(holder: Holder, index: number): Splice | null {
    const items = holder.items;
    const item = items[index]!;
    const [before, after] = [items[index - 1], items[index + 1]];
    const start = startOf(item);
    const end = this.endOf(item);
    if (holder.flow) {
      if (after) return { start, end: startOf(after), text: '' };
      return { start: before ? this.endOf(before) : start, end, text: '' };
    }
    if (items.length === 1) {
      const [from] = holder.range!;
      const opening = isSeq(holder) ? this.dashBefore(holder) : from;
      return { start: opening, end, text: isSeq(holder) ? '[]' : '{}' };
    }
    const own = isSeq(holder) ? this.text.lastIndexOf('-', start) : start;
    const lineStart = this.text.lastIndexOf('\n', own - 1) + 1;
    if (this.text.slice(lineStart, own).trim() === '')
      return { start: lineStart, end: this.nextLine(end), text: '' };
    // The first key behind a dash: what follows moves up to it.
    const next = this.nextLine(end);
    const space = /^[ ]*/.exec(this.text.slice(next))![0].length;
    return { start: own, end: next + space, text: '' };
  }

  /** The item as it stands in its holder; further lines are set in as deep as its first. */
  private print(
    holder: Holder,
    { key, value, start }: { key: string | number | null; value: unknown; start: number },
  ): string {
    const isList = isSeq(holder);
    const whole = isList ? [value] : { [String(key)]: value };
    if (holder.flow) return printYaml(whole, 'flow').trim().slice(1, -1).trim();
    const margin = ' '.repeat(this.columnOf(start));
    const lines = printYaml(isList ? value : whole, this.style)
      .trimEnd()
      .split('\n');
    return lines.map((line, index) => (index === 0 || line === '' ? line : margin + line)).join(this.lineEnd);
  }

  /** Of a block list: where its first dash stands. */
  private dashBefore(list: Holder): number {
    return this.text.lastIndexOf('-', startOf(list.items[0]!));
  }

  private columnOf(offset: number): number {
    return offset - (this.text.lastIndexOf('\n', offset - 1) + 1);
  }

  private nextLine(offset: number): number {
    const end = this.text.indexOf('\n', offset);
    return end < 0 ? this.text.length : end + 1;
  }

  /** Where the item's own text ends: before the spaces, comments and line ends that follow it. */
  private endOf(item: Pair<Scalar, Node | null> | Node | null): number {
    const value = isPairOf(item) ? item.value : item;
    if (isPairOf(item) && (value === null || isEmptyScalar(value)))
      return this.text.indexOf(':', item.key.range![1]) + 1;
    if (value === null) return 0;
    if (isCollection(value) && !value.flow) {
      const last = (value as Holder).items.at(-1);
      if (last !== undefined) return this.endOf(last);
    }
    const [start, end] = value.range!;
    return start + this.text.slice(start, end).trimEnd().length;
  }
}

function isPairOf(item: unknown): item is Pair<Scalar, Node | null> {
  return item !== null && typeof item === 'object' && 'key' in item;
}

/** `key:` with nothing behind it. */
function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.value === null && node.range?.[0] === node.range?.[1];
}

function keyOf(item: unknown): string | null {
  if (!isPairOf(item) || !isScalar(item.key)) return null;
  return typeof item.key.value === 'string' ? item.key.value : (item.key.source ?? String(item.key.value));
}

function valueOf(holder: Holder, item: unknown): Node | null {
  return isSeq(holder) ? (item as Node | null) : (item as Pair<Scalar, Node | null>).value;
}

function startOf(item: unknown): number {
  return (isPairOf(item) ? item.key.range : (item as Node).range)?.[0] ?? 0;
}
