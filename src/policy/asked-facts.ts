import type { CedarExpression } from './cedar.ts';

/**
 * What policies can ask of a request, by the paths from its variables: `resource.domain.analysts`,
 * `context.purpose`. A request without the rest gets the same answer and costs a third.
 */
export interface AskedFacts {
  /** Attributes read, or asked for by `has`. */
  attributes: ReadonlySet<string>;
  /** Paths to entities whose tags are asked for. */
  tagged: ReadonlySet<string>;
  /** Paths to entities that are looked for below others (`in`). */
  placed: ReadonlySet<string>;
}

/** `null`: a condition that paths do not describe, so anything may be asked. */
export type Asked = AskedFacts | null;

/** What the conditions of a policy ask for. Cedar has no names of its own for values: each read has a whole path. */
export function askedBy(conditions: CedarExpression[]): Asked {
  const asked = { attributes: new Set<string>(), tagged: new Set<string>(), placed: new Set<string>() };
  try {
    for (const condition of conditions) visit(condition as Node, asked);
    return asked;
  } catch (error) {
    if (error instanceof NoPath) return null;
    throw error;
  }
}

/** What any of some policies asks for. */
export function askedByAny(some: Asked[]): Asked {
  const known = some.filter((one) => one !== null);
  if (known.length < some.length) return null;
  const all = (of: keyof AskedFacts) => new Set(known.flatMap((one) => [...one[of]]));
  return { attributes: all('attributes'), tagged: all('tagged'), placed: all('placed') };
}

type Node = Record<string, unknown>;
type Asking = { [Of in keyof AskedFacts]: Set<string> };

class NoPath extends Error {}

/** Notes what an expression asks for, and gives its path where it is one. */
function visit(expression: Node, asked: Asking): string | null {
  const [[operator, operand] = ['', null]] = Object.entries(expression);
  switch (operator) {
    case 'Var':
      // All of it at once, for example in a comparison.
      if (operand === 'context') throw new NoPath();
      return String(operand);
    case 'Value':
    case 'Slot':
      return null;
    case '.':
    case 'has':
      return readAttribute(operand as Node, asked);
    case 'getTag':
    case 'hasTag':
      asked.tagged.add(pathOf((operand as Node)['left'], asked));
      visit((operand as Node)['right'] as Node, asked);
      return null;
    case 'in':
      asked.placed.add(pathOf((operand as Node)['left'], asked));
      visit((operand as Node)['right'] as Node, asked);
      return null;
    case 'is':
      visitType(operand as Node, asked);
      return null;
    default:
      // Operators, `like`, sets, records and functions: their operands, whatever they are called.
      for (const one of operandsOf(operand)) visit(one, asked);
      return null;
  }
}

function operandsOf(operand: unknown): Node[] {
  const all: unknown[] = typeof operand === 'object' && operand !== null ? Object.values(operand).flat() : [];
  return all.filter((one): one is Node => typeof one === 'object' && one !== null);
}

/** `left.attr`, `left has attr` and `left has attr.attr`, which is all of its reads at once. */
function readAttribute({ left, attr }: Node, asked: Asking): string {
  const names = [attr].flat().map(String);
  let path = pathOf(left, asked);
  for (const name of names) asked.attributes.add((path = `${path}.${name}`));
  return path;
}

function visitType({ left, in: parent }: Node, asked: Asking): void {
  if (parent === undefined) return void visit(left as Node, asked);
  asked.placed.add(pathOf(left, asked));
  visit(parent as Node, asked);
}

/** @throws NoPath for what is read of a constant, a record or one of two things */
function pathOf(expression: unknown, asked: Asking): string {
  const node = expression as Node;
  const path = node['Var'] === 'context' ? 'context' : visit(node, asked);
  if (path === null) throw new NoPath();
  return path;
}
