import type { Problem } from '../base/errors.ts';
import type { Contract } from '../contracts/odcs.ts';
import { splitPolicies } from '../policy/cedar.ts';
import { tagReads } from '../policy/policy-tags.ts';
import type { TagVocabulary } from '../policy/tag-vocabulary.ts';
import { readTag, type TagExpression } from '../policy/tags.ts';
import type { DeclaredGrant, Place } from './declaration.ts';
import type { DomainPlan } from './plan-domain.ts';
import { thingsOfContract } from './set-tags.ts';
import type { ProductState, TagGrant } from './state.ts';

interface Removal {
  vocabulary: TagVocabulary;
  before: TagVocabulary;
  grants: readonly TagGrant[];
  /** Majors that are served beside those that the folder declares. */
  domains: readonly DomainPlan[];
  place: Place;
}

/**
 * Tags that mesh.yaml deletes while they are used by what stands in no file of the folder: subscriptions, and
 * majors that are served still. What stands in a file is refused there.
 */
export function judgeTagRemoval({ vocabulary, before, grants, domains, place }: Removal): Problem[] {
  const uses = [...grants.flatMap(usesOfGrant), ...domains.flatMap(usesOfOlder)];
  const problems = new Map<string, string[]>();
  for (const { key, value, by } of uses) {
    if (vocabulary.get(key)?.values.includes(value) || !before.get(key)?.values.includes(value)) continue;
    const what = vocabulary.has(key) ? `the value ${value} of the tag ${key}` : `the tag ${key}`;
    problems.set(what, [...new Set([...(problems.get(what) ?? []), by])]);
  }
  return [...problems].sort().map(([what, by]) => ({
    message: `${what} cannot be deleted: ${by.join(', ')} ${by.length === 1 ? 'uses' : 'use'} it; end that first`,
    place: place(['tags'], 'key'),
  }));
}

interface Use {
  key: string;
  value: string;
  by: string;
}

function usesOfGrant({ by, tags }: TagGrant): Use[] {
  return usesOf(tags, by);
}

function usesOf(tags: TagExpression, by: string): Use[] {
  return Object.entries(tags).flatMap(([key, values]) => values.map((value) => ({ key, value, by })));
}

function usesOfOlder({ products }: DomainPlan): Use[] {
  return products.flatMap(({ change, older }) =>
    older.flatMap((major) => {
      const by = `${change.name}@${major.row.major}`;
      return [...tagsSet(major), ...tagsAsked(major)].map((tag) => ({ ...tag, by }));
    }),
  );
}

function tagsSet({ row, datasets }: ProductState): { key: string; value: string }[] {
  const things = datasets.flatMap((one) => thingsOfContract('', one.row.contract as unknown as Contract));
  return [...row.tags.map(readTag), ...things.flatMap(({ tags }) => tags)];
}

function tagsAsked({ row, restrictions, policies }: ProductState): { key: string; value: string }[] {
  const grants = row.grants as unknown as DeclaredGrant[];
  const expressions = [
    ...grants.map(({ granted }) => granted.tags ?? {}),
    ...restrictions.map(({ document }) => (document['appliesTo'] as { tags?: TagExpression }).tags ?? {}),
  ];
  const reads = policies.flatMap(({ text }) => (splitPolicies(text) ?? []).flatMap(tagReads));
  return [
    ...expressions.flatMap((tags) => usesOf(tags, '')),
    ...reads.flatMap(({ key, value }) => (value === null ? [] : [{ key, value }])),
  ];
}
