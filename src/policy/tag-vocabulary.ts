import { z } from 'zod';
import type { Problem } from '../base/errors.ts';
import { describe } from '../base/input-problems.ts';
import { nearestName } from '../base/nearest-name.ts';
import { meant } from '../contracts/suggest.ts';
import { ROLES, type Principal, type Role } from './action.ts';

/** A tag key as mesh.yaml declares it. */
export interface DeclaredTag {
  values: string[];
  description: string | null;
  /** Who may set it on what is theirs; null for whoever may change the thing. */
  assignedBy: string[] | null;
  /** Who may give columns by it; null for whoever may decide about the product's subscriptions. */
  grantedBy: string[] | null;
}

export type TagRight = 'assignedBy' | 'grantedBy';

/** By key. Without any key, tags are free words. */
export type TagVocabulary = ReadonlyMap<string, DeclaredTag>;

/** `DOMAIN`: what lies in that domain; `DOMAIN/ROLE`: set by this role there; `*` for every domain. */
const HOLDER =
  /^(?:[a-z][a-z0-9_-]{0,62}(?:\/(?:owner|steward|engineer|analyst))?|\*\/(?:owner|steward|engineer|analyst))$/;
/** Keys that row filters, expressions and policies can write. */
const KEY = /^[a-z][a-z0-9_-]{0,62}$/;
/** More is no vocabulary that anybody knows; the list of values is told with every misspelt one. */
const MOST = { keys: 500, values: 1_000 };

const values = z
  .array(
    z.string('must be text: put it in quotes').trim().min(1, 'a value must not be empty'),
    'must list its values',
  )
  .min(1, 'must list its values')
  .max(MOST.values, `a tag has at most ${MOST.values} values`);
const holders = z
  .array(z.string().regex(HOLDER, 'write DOMAIN, DOMAIN/ROLE or */ROLE, such as consumer/steward'))
  .min(1, 'must name who has the right, or be left out for everybody');
const written = z.strictObject({
  values,
  description: z.string().optional(),
  assignedBy: holders.optional(),
  grantedBy: holders.optional(),
});

/** Reads `tags` of mesh.yaml: a list of values for each key, or a mapping with who may use it. */
export function readVocabulary(tags: unknown): { vocabulary: TagVocabulary; problems: Problem[] } {
  const vocabulary = new Map<string, DeclaredTag>();
  const problems: Problem[] = [];
  const entries = Object.entries((tags ?? {}) as Record<string, unknown>);
  if (entries.length > MOST.keys) problems.push({ message: `at most ${MOST.keys} tags`, pointer: '' });
  for (const [key, said] of entries) {
    const report = (message: string, path = '') => problems.push({ message, pointer: `/${key}${path}` });
    if (!KEY.test(key)) report(`the tag ${key} must start with a-z and hold only a-z, 0-9, _ and -`);
    const list = Array.isArray(said);
    if (!list && (typeof said !== 'object' || said === null)) {
      report('must be a list of values, or a mapping with `values`');
      continue;
    }
    const read = (list ? values : written).safeParse(said, { error: describe });
    for (const issue of read.error?.issues ?? []) reportIssue(issue, report);
    if (!read.success) continue;
    const tag = Array.isArray(read.data) ? { values: read.data } : read.data;
    for (const [index, value] of tag.values.entries()) {
      const place = `${list ? '' : '/values'}/${index}`;
      if (tag.values.indexOf(value) < index) report(`${value} stands twice`, place);
    }
    vocabulary.set(key, {
      values: tag.values,
      description: tag.description ?? null,
      assignedBy: tag.assignedBy ?? null,
      grantedBy: tag.grantedBy ?? null,
    });
  }
  return { vocabulary, problems };
}

function reportIssue(issue: z.core.$ZodIssue, report: (message: string, path?: string) => void): void {
  const path = issue.path.map((part) => `/${String(part)}`).join('');
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const near = nearestName(key, Object.keys(written.shape));
      report(`unknown key '${key}'${near ? `; did you mean ${near}?` : ''}`, `${path}/${key}`);
    }
  } else if (path === '/values' && issue.code === 'invalid_type') report('must list its values in `values`');
  else report(issue.message, path);
}

/** Why a key or value is none that may be used; `before`: what was declared until now. */
export function tagFault(
  { key, value }: { key: string; value: string },
  vocabulary: TagVocabulary,
  before: TagVocabulary = vocabulary,
): string | null {
  const tag = vocabulary.get(key);
  if (tag?.values.includes(value)) return null;
  if (before.get(key)?.values.includes(value)) {
    const what = tag === undefined ? `the tag ${key}` : `the value ${value} of the tag ${key}`;
    return `mesh.yaml deletes ${what}, which is used here: keep it, or end its use first`;
  }
  if (vocabulary.size === 0) return null;
  if (tag === undefined) return `mesh.yaml declares no tag ${key}${meant(key, [...vocabulary.keys()])}`;
  return `the tag ${key} has no value ${value}${meant(value, tag.values)}`;
}

/** Whether a tag may be set on what lies in a domain, or columns of it be given by it, when this principal does so. */
export function mayUseTag(
  holders: readonly string[] | null,
  { domain, by }: { domain: string; by: Pick<Principal, 'administrator' | 'roles'> },
): boolean {
  if (holders === null) return true;
  return holders.some((holder) => {
    const [name, role] = holder.split('/') as [string, Role | undefined];
    if (name !== '*' && name !== domain) return false;
    return (
      role === undefined ||
      by.administrator ||
      by.roles.some((held) => held.domain === domain && includes(held.role, role))
    );
  });
}

function includes(held: Role, role: Role): boolean {
  return (ROLES[held] as readonly Role[]).includes(role);
}

/** What is refused, and what to do. */
export function rightFault(
  right: TagRight,
  { key, domain, tag }: { key: string; domain: string; tag: DeclaredTag },
): string {
  const act = right === 'assignedBy' ? 'set the tag' : 'give columns by the tag';
  const who = (tag[right] ?? []).join(', ');
  return `you may not ${act} ${key} in ${domain}: \`${right}\` of mesh.yaml names ${who}; ask one of them to do it, or an administrator to add to the list`;
}
