import type { CedarExpression, PolicyPart } from './cedar.ts';
import { placeOf } from './row-filter-lex.ts';

/** A tag of the mesh that a policy asks for. */
export interface TagRead {
  key: string;
  /** The value it is compared with; null where it only asks whether there is one, or compares otherwise. */
  value: string | null;
}

interface Found {
  read: TagRead;
  /** What the tag is read of: something of the mesh, the caller (then it is an attribute), or a constant. */
  of: 'mesh' | 'caller' | 'constant';
}

/** Tags of products, datasets and domains that a policy asks for. */
export function tagReads({ conditions }: PolicyPart): TagRead[] {
  return conditions.flatMap(findReads).flatMap(({ read, of }) => (of === 'mesh' ? [read] : []));
}

/** Keys that a policy reads of a constant such as `Domain::"sales"`: a decision knows no facts of those. */
export function constantReads({ conditions }: PolicyPart): string[] {
  return conditions.flatMap(findReads).flatMap(({ read, of }) => (of === 'constant' ? [read.key] : []));
}

/** `line:column` of the first place where a policy of a text names a tag. */
export function placeOfTag(text: string, part: PolicyPart, { key }: TagRead): string {
  const start = Math.max(0, text.indexOf(part.text));
  const within = part.text.indexOf(JSON.stringify(key));
  return placeOf(text, start + Math.max(0, within));
}

type Node = Record<string, unknown>;

function findReads(expression: CedarExpression): Found[] {
  const found: Found[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isNode(value) || 'Value' in value) return;
    found.push(...readsOf(value));
    for (const child of Object.values(value)) visit(child);
  };
  visit(expression);
  return found;
}

/** What this node itself reads: a tag by its key, alone or compared with values; or the attribute of that tag. */
function readsOf(node: Node): Found[] {
  for (const operator of ['getTag', 'hasTag']) {
    const key = keyOf(node[operator]);
    if (key !== null) return [{ ...key, read: { key: key.key, value: null } }];
  }
  for (const operator of ['contains', 'containsAny', 'containsAll', '==', '!=']) {
    const sides = node[operator];
    if (!isNode(sides)) continue;
    for (const [asked, constant] of [
      [sides['left'], sides['right']],
      [sides['right'], sides['left']],
    ]) {
      const key = (isNode(asked) ? keyOf(asked['getTag']) : null) ?? classificationOf(asked);
      if (key !== null)
        return textsOf(constant).map((value) => ({ of: key.of, read: { key: key.key, value } }));
    }
  }
  return [];
}

function keyOf(sides: unknown): { key: string; of: Found['of'] } | null {
  if (!isNode(sides)) return null;
  const [key] = textsOf(sides['right']);
  return key === undefined ? null : { key, of: subjectOf(sides['left']) };
}

/** `resource.classification` is the tag of that key. */
function classificationOf(expression: unknown): { key: string; of: Found['of'] } | null {
  const access = isNode(expression) ? expression['.'] : undefined;
  if (!isNode(access) || access['attr'] !== 'classification') return null;
  return { key: 'classification', of: subjectOf(access['left']) };
}

function subjectOf(expression: unknown): Found['of'] {
  if (!isNode(expression)) return 'mesh';
  if ('Value' in expression) return 'constant';
  if (expression['Var'] === 'principal') return 'caller';
  const access = expression['.'];
  return isNode(access) ? subjectOf(access['left']) : 'mesh';
}

/** A constant text, or the texts of a constant set. */
function textsOf(expression: unknown): string[] {
  if (!isNode(expression)) return [];
  const { Value: value, Set: set } = expression;
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  return Array.isArray(set) ? set.flatMap(textsOf) : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
