import type { z } from 'zod';
import { describeIssue } from './describe-issue.ts';
import type { Finding, Rule } from './finding.ts';
import { issueFindings, type ShapeFinding } from './issue-findings.ts';
import { jsonPointer, type Path } from './parse-document.ts';

/**
 * Checks shape and rules in one go: what has the wrong shape is cut out and the rest is judged again, until
 * the rest fits and the rules can run on it. So one reading reports everything that is wrong.
 */
export function judgeModel<Model>(
  input: unknown,
  { model, rules }: { model: z.ZodType<Model>; rules: Rule<Model>[] },
): { value: Model | null; findings: Finding[] } {
  const rest = new Remainder(input);
  const findings: Finding[] = [];
  for (;;) {
    const verdict = model.safeParse(rest.value, { error: describeIssue });
    if (verdict.success) {
      const whole = findings.length === 0;
      const broken = rules.flatMap((rule) => rule(verdict.data)).filter((one) => whole || !one.needsWhole);
      findings.push(...rest.originalFindings(broken));
      return { value: findings.length === 0 ? verdict.data : null, findings };
    }
    const found = verdict.error.issues.flatMap((issue) => issueFindings(issue));
    findings.push(...rest.originalFindings(found));
    if (!rest.cut(found)) return { value: null, findings };
  }
}

/** A copy of the input out of which wrong parts are cut, and which still knows the original list indexes. */
class Remainder {
  readonly value: unknown;
  private readonly indexes = new WeakMap<unknown[], number[]>();
  /** Pointers of everything that was cut out or replaced, and of all that holds it. */
  private readonly touched = new Set<string>();

  constructor(input: unknown) {
    this.value = this.copy(input);
  }

  originalPath(path: Path): Path {
    let holder: unknown = this.value;
    return path.map((key) => {
      const indexes = Array.isArray(holder) ? this.indexes.get(holder) : undefined;
      holder = child(holder, key);
      return indexes && typeof key === 'number' ? (indexes[key] ?? key) : key;
    });
  }

  /** Without what only follows from an earlier cut, such as `is missing` for a part that was cut out. */
  originalFindings(found: Finding[]): Finding[] {
    return found
      .map(({ path, at, message }) => ({ path: this.originalPath(path), at, message }))
      .filter(({ path }) => !this.touched.has(jsonPointer(path)));
  }

  /** False when nothing is left to judge. */
  cut(found: ShapeFinding[]): boolean {
    // Once only: a model may refuse the empty text as well, and would be judged for ever.
    const standsIn = ({ path, wantsText }: ShapeFinding) =>
      path.length === 1 && wantsText && !this.touched.has(jsonPointer(path));
    const standIns = found.filter(standsIn);
    const wrong = found.filter((finding) => !standsIn(finding));
    for (const { path } of standIns) this.replaceByText(path);
    const paths = new Map(
      wrong.map((finding) => this.partOf(finding)).map((path) => [jsonPointer(path), path]),
    );
    const ordered = [...paths.values()].sort((a, b) => b.length - a.length || laterIndexFirst(a, b));
    if (ordered.some((path) => path.length === 0)) return false;
    for (const path of ordered) this.touch(this.originalPath(path));
    for (const path of ordered) this.remove(path);
    return true;
  }

  private partOf({ path, decides }: ShapeFinding): Path {
    let part = decides ? path.slice(0, -1) : path;
    while (part.length > 0 && valueAt(this.value, part) === undefined) part = part.slice(0, -1);
    return part;
  }

  private touch(path: Path): void {
    path.forEach((_, index) => this.touched.add(jsonPointer(path.slice(0, index + 1))));
  }

  private replaceByText(path: Path): void {
    (this.value as Record<string, unknown>)[String(path[0])] = '';
    this.touch(path);
  }

  private remove(path: Path): void {
    const holder = valueAt(this.value, path.slice(0, -1));
    const key = path.at(-1)!;
    if (Array.isArray(holder)) {
      holder.splice(Number(key), 1);
      this.indexes.get(holder)?.splice(Number(key), 1);
    } else if (holder !== undefined) delete (holder as Record<string, unknown>)[key];
  }

  private copy(value: unknown): unknown {
    if (Array.isArray(value)) {
      const list = value.map((item) => this.copy(item));
      this.indexes.set(list, [...list.keys()]);
      return list;
    }
    if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
      return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.copy(item)]));
  }
}

function laterIndexFirst(a: Path, b: Path): number {
  const [left, right] = [a.at(-1), b.at(-1)];
  return typeof left === 'number' && typeof right === 'number' ? right - left : 0;
}

function child(holder: unknown, key: string | number): unknown {
  if (holder === null || typeof holder !== 'object' || !Object.hasOwn(holder, key)) return undefined;
  return (holder as Record<string | number, unknown>)[key];
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce(child, root);
}
