import { isAlias, isMap, isScalar, LineCounter, parseDocument as parseYaml } from 'yaml';
import type { Document, Node, Scalar, YAMLError, YAMLMap, YAMLSeq } from 'yaml';
import type { Problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { decodeText } from './decode-text.ts';
import { canonicalDecimal, ExactNumber } from './exact-number.ts';

/** A file as it was handed in; `file` is the name that problems show. */
export interface SourceText {
  file: string;
  content: string | Uint8Array;
}

/** Keys and list indexes from the root of a document to one of its values. */
export type Path = readonly (string | number)[];

/** YAML read into plain values, with the place of every value and every key. */
export interface ParsedDocument {
  file: string;
  /** The text exactly as handed in: what a round trip gives back. */
  text: string;
  /** Objects, arrays, strings, booleans, null, numbers and `ExactNumber`; undefined when unreadable. */
  value: unknown;
  problems: Problem[];
  /** `file:line:column` of the value, or of its key; of the nearest thing around it when there is none. */
  place(path: Path, at?: 'key' | 'value'): string;
}

/** Real contracts nest below 20 levels; deeper is an attack on the parser's stack. */
const MAX_DEPTH = 60;
/** Values after aliases are followed: ten times the largest real contract, far below an alias bomb. */
const MAX_VALUES = 200_000;

/** Reads one YAML (or JSON) document and reports everything that is wrong with its text. */
export function parseDocument(source: SourceText): ParsedDocument {
  const size =
    typeof source.content === 'string' ? Buffer.byteLength(source.content) : source.content.byteLength;
  if (size > LIMITS.documentBytes) {
    return unreadable(source.file, '', [
      problemAt(`${source.file}:1:1`, `the file has ${size} bytes, the limit is ${LIMITS.documentBytes}`),
    ]);
  }
  const { text, faults } = decodeText(source.content);
  if (faults.length > 0) {
    const problems = faults.map(({ line, column, message }) =>
      problemAt(`${source.file}:${line}:${column}`, message),
    );
    return unreadable(source.file, text, problems);
  }
  return new DocumentReader(source.file, text).read();
}

/** RFC 6901. */
export function jsonPointer(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function problemAt(place: string, message: string): Problem {
  return { message, place, pointer: '' };
}

function unreadable(file: string, text: string, problems: Problem[]): ParsedDocument {
  return { file, text, value: undefined, problems, place: () => `${file}:1:1` };
}

interface Offsets {
  key: number | undefined;
  value: number;
}

class DocumentReader {
  private readonly file: string;
  private readonly text: string;
  private readonly lines = new LineCounter();
  /** Offsets of the parts of each mapping and list; the same value read through two aliases is two objects. */
  private readonly parts = new WeakMap<object, Map<string | number, Offsets>>();
  private readonly problems: Problem[] = [];
  private readonly following = new Set<Node>();
  private document!: Document;
  private values = 0;
  /** Past a limit the value is not whole, and judging it would only add noise. */
  private pastLimit = false;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  read(): ParsedDocument {
    try {
      // Duplicate keys are found below: the library compares every key with every other.
      this.document = parseYaml(this.text, {
        version: '1.2',
        schema: 'core',
        uniqueKeys: false,
        prettyErrors: false,
        lineCounter: this.lines,
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return unreadable(this.file, this.text, [problemAt(`${this.file}:1:1`, TOO_DEEP)]);
    }
    const faults = [...this.document.errors, ...this.document.warnings];
    for (const fault of faults) this.add([], fault.pos[0], yamlMessage(fault));
    const root = faults.length === 0 ? this.root() : undefined;
    return {
      file: this.file,
      text: this.text,
      value: this.pastLimit ? undefined : root,
      problems: this.problems,
      place: (path, at) => this.place(root, path, at),
    };
  }

  private root(): unknown {
    const root = this.document.contents;
    if (isMap(root)) return this.convert(root as Node, []);
    const empty = root === null || (isScalar(root) && root.value === null);
    const message = empty
      ? 'the document is empty'
      : 'the document must be a mapping of keys to values, such as `kind: DataContract`';
    this.add([], root?.range?.[0] ?? 0, message);
    return undefined;
  }

  private convert(node: Node | null, path: Path): unknown {
    if (++this.values > MAX_VALUES) return this.stop(path, node, TOO_MANY);
    if (path.length > MAX_DEPTH) return this.stop(path, node, TOO_DEEP);
    if (node === null) return null;
    if (isAlias(node)) return this.convertAlias(node, path);
    if (isScalar(node)) return this.convertScalar(node as Scalar, path);
    if (isMap(node)) return this.convertMap(node as YAMLMap<Node, Node | null>, path);
    return this.convertList(node as YAMLSeq<Node | null>, path);
  }

  private convertList(node: YAMLSeq<Node | null>, path: Path): unknown[] {
    const result: unknown[] = [];
    const parts = this.partsOf(result);
    for (const [index, item] of node.items.entries()) {
      parts.set(index, { key: undefined, value: offsetOf(item, offsetOf(node)) });
      result.push(this.convert(item, [...path, index]));
    }
    return result;
  }

  private partsOf(holder: object): Map<string | number, Offsets> {
    const parts = new Map<string | number, Offsets>();
    this.parts.set(holder, parts);
    return parts;
  }

  private stop(path: Path, node: Node | null, message: string): null {
    if (!this.pastLimit) this.add(path, offsetOf(node), message);
    this.pastLimit = true;
    return null;
  }

  private convertAlias(node: Node & { source: string }, path: Path): unknown {
    const target = (node as unknown as { resolve(document: Document): Node | undefined }).resolve(
      this.document,
    );
    if (!target || this.following.has(target)) {
      const fault = target ? 'refers to itself' : 'has no anchor before it';
      this.add(path, offsetOf(node), `the alias *${node.source} ${fault}`);
      return null;
    }
    this.following.add(target);
    const value = this.convert(target, path);
    this.following.delete(target);
    return value;
  }

  private convertMap(node: YAMLMap<Node, Node | null>, path: Path): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const parts = this.partsOf(result);
    for (const pair of node.items) {
      const key = this.keyOf(pair.key, path);
      if (key === null) continue;
      const at = offsetOf(pair.key);
      const first = parts.get(key);
      if (first) {
        const { line } = this.lines.linePos(first.key ?? 0);
        this.add([...path, key], at, `the key \`${key}\` stands twice, first on line ${line}`);
        continue;
      }
      parts.set(key, { key: at, value: offsetOf(pair.value, at) });
      result[key] = this.convert(pair.value, [...path, key]);
    }
    return result;
  }

  private keyOf(node: Node, path: Path): string | null {
    if (!isScalar(node)) {
      this.add(path, offsetOf(node), 'a key must be plain text');
      return null;
    }
    const key = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    if (key === '<<') {
      this.add(path, offsetOf(node), 'merge keys (`<<`) are not part of YAML 1.2: write the keys out');
      return null;
    }
    if (key === '__proto__') {
      this.add(path, offsetOf(node), '`__proto__` cannot be a key');
      return null;
    }
    return key;
  }

  private convertScalar(node: Scalar, path: Path): unknown {
    if (typeof node.value !== 'number') return node.value;
    const source = node.source ?? String(node.value);
    // Hexadecimal and octal forms are integers; beyond 2^53 nobody writes them in a contract.
    if (/^0[xo]/.test(source) && Number.isSafeInteger(node.value)) return node.value;
    const exact = canonicalDecimal(source);
    if (exact === null || !Number.isFinite(node.value)) {
      this.add(path, offsetOf(node), `${source} is not a usable number`);
      return null;
    }
    return canonicalDecimal(String(node.value)) === exact ? node.value : new ExactNumber(exact);
  }

  private add(path: Path, offset: number, message: string): void {
    this.problems.push({ message, place: this.placeOfOffset(offset), pointer: jsonPointer(path) });
  }

  /** The offset of the last step of the path that is there, or of the document. */
  private place(root: unknown, path: Path, at: 'key' | 'value' = 'value'): string {
    let holder = root;
    let offset = offsetOf(this.document.contents as Node | null);
    for (const [index, key] of path.entries()) {
      const offsets = this.parts.get(holder as object)?.get(key);
      if (!offsets) break;
      const isKey = at === 'key' && index === path.length - 1;
      offset = isKey ? (offsets.key ?? offsets.value) : offsets.value;
      holder = (holder as Record<string | number, unknown>)[key];
    }
    return this.placeOfOffset(offset);
  }

  private placeOfOffset(offset: number): string {
    const { line, col } = this.lines.linePos(Math.min(offset, this.text.length));
    return `${this.file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }
}

const TOO_DEEP = `the document nests deeper than ${MAX_DEPTH} levels`;
const TOO_MANY = `the document holds more than ${MAX_VALUES} values once its aliases are followed`;

function offsetOf(node: Node | null | undefined, otherwise = 0): number {
  return node?.range?.[0] ?? otherwise;
}

function yamlMessage(fault: YAMLError): string {
  switch (fault.code) {
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent YAML: use spaces';
    case 'MULTIPLE_DOCS':
      return 'the file holds more than one YAML document: keep one per file';
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP;
    case 'TAG_RESOLVE_FAILED':
      return `${decapitalize(fault.message)}: tags are not used here, remove it`;
    default:
      return decapitalize(fault.message);
  }
}

function decapitalize(sentence: string): string {
  const [first = ''] = sentence.split('\n');
  return (first.charAt(0).toLowerCase() + first.slice(1)).replace(/[.:]$/, '');
}
