import type { Problem } from '../base/errors.ts';
import type { MeshRow, Read } from '../store/schema.ts';
import { meant } from '../contracts/suggest.ts';
import { type Change, documentDifferences, type Item } from './change.ts';
import type { DeclaredMesh } from './declaration.ts';
import { planPolicies } from './plan-product.ts';
import type { PolicyItem } from './product-plan.ts';
import { planRestrictions, type RestrictionItem } from './plan-restrictions.ts';
import type { MeshState } from './state.ts';
import { judgeMeshRules } from './judge-tag-rules.ts';
import { judgeTagRemoval } from './judge-tag-removal.ts';
import type { CurrentState } from './current.ts';
import type { DomainPlan } from './plan-domain.ts';
import type { TagVocabulary } from '../policy/tag-vocabulary.ts';

/** What an apply does to the parts that count for all domains. */
export interface MeshPlan extends Item<DeclaredMesh, Read<MeshRow>> {
  policies: PolicyItem[];
  restrictions: RestrictionItem[];
  problems: Problem[];
}

export interface MeshFacts {
  /** Names of the domains that there will be. */
  known: ReadonlySet<string>;
  tags: CurrentState['tags'] & { domains: readonly DomainPlan[] };
}

export function planMeshParts(
  declared: DeclaredMesh,
  stored: MeshState,
  { known, tags }: MeshFacts,
): MeshPlan {
  const policies = stored.policies.map(({ file, text }) => ({ name: file, text }));
  return {
    change: meshChange(declared, stored.row),
    declared,
    stored: stored.row,
    policies: planPolicies(declared.policies, policies, 'policies'),
    restrictions: planRestrictions(declared.restrictions, stored.restrictions, 'mesh'),
    problems: [
      ...unknownDomains(declared, known, tags.vocabulary),
      ...judgeMeshRules(declared, tags),
      ...judgeTagRemoval({ ...tags, place: declared.place }),
    ],
  };
}

const RIGHTS = ['assignedBy', 'grantedBy'] as const;

export function meshChangesOf(plan: MeshPlan): Change[] {
  return [plan, ...plan.policies, ...plan.restrictions].map(({ change }) => change);
}

function meshChange(declared: DeclaredMesh, row: Read<MeshRow> | null): Change {
  const base = { kind: 'mesh' as const, name: declared.name };
  if (row === null) return { ...base, action: 'create', details: [] };
  const details = documentDifferences(declared, row);
  return { ...base, action: details.length > 0 ? 'update' : 'unchanged', details };
}

function unknownDomains(
  { document, place }: DeclaredMesh,
  domains: ReadonlySet<string>,
  vocabulary: TagVocabulary,
): Problem[] {
  const named = [
    ...Object.keys(document.attributes?.domains ?? {}).map((name) => ({
      name,
      place: place(['attributes', 'domains', name], 'key'),
    })),
    ...(document.privacy?.approvers ?? []).flatMap(({ domain: name }, index) =>
      name === undefined ? [] : [{ name, place: place(['privacy', 'approvers', index, 'domain']) }],
    ),
    ...[...vocabulary].flatMap(([key, tag]) =>
      RIGHTS.flatMap((right) =>
        (tag[right] ?? []).map((holder, index) => ({
          name: holder.split('/')[0]!,
          place: place(['tags', key, right, index]),
        })),
      ),
    ),
    ...(document.breakGlass?.people ?? []).flatMap(({ domain: name }, index) =>
      name === undefined ? [] : [{ name, place: place(['breakGlass', 'people', index, 'domain']) }],
    ),
  ];
  return named
    .filter(({ name }) => name !== '*' && !domains.has(name))
    .map((one) => ({
      message: `there is no domain ${one.name}${meant(one.name, [...domains])}`,
      place: one.place,
    }));
}
