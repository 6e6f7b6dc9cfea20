import type { Problem } from '../base/errors.ts';
import { judgeVersion as leastVersion } from '../contracts/changes/required-version.ts';
import type { Verdict } from '../products/publication.ts';
import { versionHash } from '../products/version-hash.ts';
import { type DeclaredProduct, fullName } from './declaration.ts';
import type { DatasetItem, ProductPlan } from './product-plan.ts';
import type { ProductState } from './state.ts';

/** Everything about a product that the mesh refuses, with its place. */
export function judgeProduct(plan: ProductPlan): Problem[] {
  const { declared, stored, verdict } = plan;
  const users = stored?.consumers ?? [];
  if (declared === null) return users.length > 0 ? [{ message: stillUsed(plan.change.name, users) }] : [];
  const problems: Problem[] = [];
  if (plan.status === 'retired' && users.length > 0) {
    problems.push({ message: stillUsed(plan.change.name, users), place: declared.place(['status']) });
  }
  problems.push(...judgeMajor(declared, plan.majors));
  for (const dataset of plan.datasets) {
    if (verdict === null && dataset.change.action === 'remove' && users.length > 0) {
      problems.push({
        message: stillUsed(dataset.change.name, users),
        place: declared.place(['outputPorts']),
      });
    }
    problems.push(...judgeVersion(dataset, { product: stored, verdict }));
  }
  return [...problems, ...(verdict?.problems ?? [])];
}

/** Majors go up: what an older one offers stays as it was offered. */
function judgeMajor(declared: DeclaredProduct, majors: ProductState[]): Problem[] {
  const newest = majors.find(({ row }) => row.major > declared.major)?.row.version;
  if (newest === undefined) return [];
  const message = `${fullName(declared)} was published as ${newest} already: an older major stays as it was published`;
  return [{ message, place: declared.place(['version']) }];
}

function stillUsed(name: string, users: string[]): string {
  return `${name} cannot be removed: ${users.join(', ')} ${users.length === 1 ? 'uses' : 'use'} it; end the subscription first`;
}

/** Consumers rely on a version: once offered, its contract never changes under the same number. */
function judgeVersion(
  { change, declared, stored }: DatasetItem,
  { product, verdict }: { product: ProductState | null; verdict: Verdict | null },
): Problem[] {
  if (declared === null || stored === null || product === null || product.row.published_at === null)
    return [];
  const earlier = stored.versions.find(({ version }) => version === declared.version);
  if (earlier === undefined || earlier.hash === versionHash(declared.contract)) return [];
  const changes = (verdict?.changes ?? []).filter(({ dataset }) => dataset === declared.name);
  const { least } = leastVersion(stored.row.contract_version, declared.version, changes);
  const enough = changes.length === 0 || least === null ? '' : ` to ${least} or higher`;
  const message = `the contract of ${change.name} differs from version ${declared.version} that was published: raise \`version\`${enough}`;
  return [{ message, place: declared.place(['version']) }];
}
