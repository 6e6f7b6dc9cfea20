import { LIMITS } from '../base/limits.ts';
import type { Finding } from './finding.ts';
import type { Path } from './parse-document.ts';

export type Variables = ReadonlyMap<string, string>;

export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** ODCS 3.2 "Variables": `${NAME}`, or `${NAME:-default}` whose default stands to the next brace. */
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** ODCS "Data quality, SQL": in a query these words stand for the table and the column. */
const PLACEHOLDERS = new Set(['object', 'table', 'model', 'property', 'column', 'field']);

export interface Resolving {
  variables: Variables;
  /** Parts whose value nobody uses keep their references. */
  isUsed(path: Path): boolean;
  /** How a variable gets a value here: the end of a problem's sentence. */
  hint: string;
}

/** Whether a text may hold a reference. */
export function hasVariables(text: string): boolean {
  return text.includes('${');
}

/**
 * The same document with each reference to a variable in its texts replaced, once: what a variable says is text,
 * whatever it looks like. An unset or empty variable takes its default, and is a fault where it has none.
 */
export function resolveVariables<Value>(
  value: Value,
  resolving: Resolving,
): { value: Value; faults: Finding[] } {
  const resolver = new Resolver(resolving);
  return { value: resolver.resolve(value, []) as Value, faults: resolver.faults };
}

class Resolver {
  readonly faults: Finding[] = [];
  private readonly resolving: Resolving;
  /** A long value in many references must not grow beyond what a document may be. */
  private written = 0;

  constructor(resolving: Resolving) {
    this.resolving = resolving;
  }

  resolve(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return this.resolveText(value, path);
    if (value === null || typeof value !== 'object') return value;
    if (path.length > 0 && !this.resolving.isUsed(path)) return value;
    if (Array.isArray(value)) return value.map((item, index) => this.resolve(item, [...path, index]));
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.resolve(item, [...path, key])]),
    );
  }

  private resolveText(text: string, path: Path): string {
    if (!hasVariables(text)) return text;
    return text.replace(REFERENCE, (reference: string, name: string, otherwise: string | undefined) => {
      if (path.at(-1) === 'query' && PLACEHOLDERS.has(name.toLowerCase())) return reference;
      const given = this.resolving.variables.get(name);
      const value = given === undefined || given === '' ? otherwise : given;
      if (value === undefined) {
        const message = `the variable \`${name}\` has no value: ${this.resolving.hint}, or write a default, \`\${${name}:-…}\``;
        this.faults.push({ path, message });
        return reference;
      }
      return this.put(value, path);
    });
  }

  private put(value: string, path: Path): string {
    this.written += value.length;
    if (this.written <= LIMITS.documentBytes) return value;
    const message = `with its variables the document is longer than ${LIMITS.documentBytes} characters`;
    if (!this.faults.some((fault) => fault.message === message)) this.faults.push({ path, message });
    return '';
  }
}
