import type { Problem } from '../base/errors.ts';
import { splitPolicies } from '../policy/cedar.ts';
import { placeOfTag, type TagRead, tagReads } from '../policy/policy-tags.ts';
import type { WrittenRestriction } from '../policy/restriction.ts';
import { mayUseTag, rightFault, tagFault, type TagVocabulary } from '../policy/tag-vocabulary.ts';
import { isSame } from './change.ts';
import type { DeclaredDomain, DeclaredMesh, DeclaredPolicy, DeclaredProduct, Place } from './declaration.ts';
import type { DomainState } from './state.ts';
import { counterpart, type TagFacts } from './tag-facts.ts';

type Vocabularies = Pick<TagFacts, 'vocabulary' | 'before'>;

/** Restrictions and policies of the mesh by tags that it does not declare. */
export function judgeMeshRules(mesh: DeclaredMesh, facts: Vocabularies): Problem[] {
  return [
    ...restrictionFaults(mesh.restrictions, mesh.place, facts),
    ...mesh.policies.flatMap((policy) => policyFaults(policy, facts)),
  ];
}

/** Restrictions, policies and grants of a domain and its products by tags, and the right to give by them. */
export function judgeRules(domain: DeclaredDomain, stored: DomainState | null, facts: TagFacts): Problem[] {
  const { restrictions, place, access, products } = domain;
  const known = new Set([stored, ...(stored?.products ?? [])].flatMap(textsOf));
  const policies = [...access, ...products.flatMap((product) => product.access)];
  return [
    ...restrictionFaults(restrictions, place, facts),
    ...policies.flatMap((policy) => [
      ...policyFaults(policy, facts),
      ...(known.has(policy.text) ? [] : permitFaults(policy, domain.name, facts)),
    ]),
    ...products.flatMap((product) => [
      ...restrictionFaults(product.restrictions, product.restrictionsPlace, facts),
      ...grantFaults(product, stored, facts),
    ]),
  ];
}

function textsOf(state: Pick<DomainState, 'policies'> | null): string[] {
  return (state?.policies ?? []).map(({ text }) => text);
}

function restrictionFaults(
  restrictions: readonly WrittenRestriction[],
  place: Place,
  facts: Vocabularies,
): Problem[] {
  return restrictions.flatMap(({ appliesTo }, index) =>
    expressionFaults(appliesTo.tags ?? {}, facts).map(({ key, message }) => ({
      message,
      place: place(['restrictions', index, 'appliesTo', 'tags', key]),
    })),
  );
}

/** A tag that is misspelt, or deleted, would silently select nothing. */
function expressionFaults(
  tags: Record<string, string[]>,
  { vocabulary, before }: Vocabularies,
): { key: string; message: string }[] {
  return Object.entries(tags).flatMap(([key, values]) =>
    values.flatMap((value) => {
      const message = tagFault({ key, value }, vocabulary, before);
      return message === null ? [] : [{ key, message }];
    }),
  );
}

/** A `forbid` by a tag that nothing can have would pass by in silence. */
function policyFaults({ file, text }: DeclaredPolicy, facts: Vocabularies): Problem[] {
  return (splitPolicies(text) ?? []).flatMap((part) => {
    const messages = new Map<string, TagRead>();
    for (const read of tagReads(part)) {
      const message = readFault(read, facts);
      if (message !== null) messages.set(message, read);
    }
    return [...messages].map(([message, read]) => ({
      message,
      place: `${file}:${placeOfTag(text, part, read)}`,
    }));
  });
}

function readFault({ key, value }: TagRead, { vocabulary, before }: Vocabularies): string | null {
  const declared = vocabulary.get(key) ?? before.get(key);
  return tagFault({ key, value: value ?? declared?.values[0] ?? '' }, vocabulary, before);
}

/** A policy that opens a product by a tag gives by it. */
function permitFaults(
  { file, text }: DeclaredPolicy,
  domain: string,
  { vocabulary, by }: TagFacts,
): Problem[] {
  const permits = (splitPolicies(text) ?? []).filter(({ effect }) => effect === 'permit');
  return permits.flatMap((part) => {
    const keys = new Map(tagReads(part).map((read) => [read.key, read]));
    return [...keys].flatMap(([key, read]): Problem[] => {
      const fault = grantRightFault(key, domain, { vocabulary, by });
      return fault === null ? [] : [{ message: fault, place: `${file}:${placeOfTag(text, part, read)}` }];
    });
  });
}

function grantFaults(product: DeclaredProduct, stored: DomainState | null, facts: TagFacts): Problem[] {
  const { domain, grants, grantsPlace } = product;
  const known = counterpart(product, stored)?.row.grants ?? [];
  return grants.flatMap((grant, index) => {
    const tags = grant.granted.tags ?? {};
    const isNew = !known.some((one) => isSame(one, grant));
    const refused = Object.keys(tags).flatMap((key) => {
      const message = isNew ? grantRightFault(key, domain, facts) : null;
      return message === null ? [] : [{ key, message }];
    });
    return [...expressionFaults(tags, facts), ...refused].map(({ key, message }) => ({
      message,
      place: grantsPlace(['grants', index, 'tags', key]),
    }));
  });
}

function grantRightFault(
  key: string,
  domain: string,
  { vocabulary, by }: Pick<TagFacts, 'by'> & { vocabulary: TagVocabulary },
): string | null {
  const tag = vocabulary.get(key);
  if (tag === undefined || mayUseTag(tag.grantedBy, { domain, by })) return null;
  return rightFault('grantedBy', { key, domain, tag });
}
