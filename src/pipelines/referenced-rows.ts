import { posix } from 'node:path';
import { isMeshError } from '../base/errors.ts';
import type { ReferenceTarget } from '../contracts/check.ts';
import { findColumns, findObject } from '../contracts/check-references.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Parts } from '../identity/context.ts';
import { matchingDatasets, type SqlName } from '../subscriptions/match-tables.ts';
import { type PlannedDataset, planDataset, type Reading } from '../subscriptions/plan-access.ts';
import { type AccessFacts, readAccessFacts } from '../subscriptions/store.ts';
import { datasetRelation } from './input-relations.ts';
import type { CheckedRows, ReferencedRows } from './run-checks.ts';

/** The dataset whose relationships are followed, and who follows them. */
export interface ReferringDataset {
  reading: Reading;
  domain: string;
  product: string;
  contract: Contract;
  /** Its own rows, for references to itself. */
  rows: CheckedRows;
}

/**
 * What a relationship of a dataset's contract leads to: the dataset itself, or another that its reader may
 * read under their own access plan. What the plan hides or changes cannot prove a reference.
 */
export async function findReferencedRows(
  parts: Parts,
  from: ReferringDataset,
  target: ReferenceTarget,
): Promise<ReferencedRows> {
  const own = target.file === null ? findObject(from.contract, target) : undefined;
  if (own !== undefined) {
    const keys = findColumns(own, target);
    return keys === null ? refuse(`${target.text} is no column of the contract`) : { ...from.rows, keys };
  }
  const candidates = namesOf(target, from);
  if (candidates.length === 0)
    return refuse(`${target.text} leads out of the mesh, where no rows can be read`);
  const { reading } = from;
  const names = candidates.map(({ name }) => name);
  const facts = await readAccessFacts(parts.database.reader, {
    names,
    domainIds: reading.domainIds,
    now: reading.now,
    releasesAt: null,
  });
  for (const { name, target: rest } of candidates) {
    const found = matchingDatasets(facts, name, reading);
    if (found.length > 1) {
      // Whoever finds the product reads this, and may not know of the others.
      return refuse(`${target.text} may be one of several datasets: name it by its contract's file`);
    }
    if (found.length === 1) return referencedDataset(parts, { facts: found[0]!, reading, target: rest });
  }
  return refuse(`${target.text} leads to no dataset that may be read for it`);
}

function refuse(reason: string): { refused: string } {
  return { refused: reason };
}

interface Candidate {
  name: SqlName;
  target: ReferenceTarget;
}

/**
 * A shorthand means a dataset of the same product, then of the same domain, then `domain.dataset.column`. A
 * file is looked for where `apply` reads it, from the contract's own folder.
 */
function namesOf(target: ReferenceTarget, { domain, product }: ReferringDataset): Candidate[] {
  const { file, object, properties } = target;
  if (file !== null) {
    const name = datasetOfFile(file, `domains/${domain}/products/${product}`);
    return name === null ? [] : [{ name, target }];
  }
  const own = [`${domain}.${product}`, domain].map((schema) => ({ name: { schema, name: object }, target }));
  const name = properties[0]?.[0];
  if (target.by === 'id' || name === undefined || properties.some((steps) => steps[0] !== name)) return own;
  const rest = { ...target, object: name, properties: properties.map((steps) => steps.slice(1)) };
  return rest.properties.some((steps) => steps.length === 0)
    ? own
    : [...own, { name: { schema: object, name }, target: rest }];
}

function datasetOfFile(file: string, folder: string): SqlName | null {
  const path = posix.normalize(posix.join(folder, file));
  const [, domain, product, dataset] =
    /^domains\/([^/]+)\/products\/([^/]+)\/([^/]+)\.odcs\.ya?ml$/.exec(path) ?? [];
  if (domain === undefined || product === undefined || dataset === undefined) return null;
  return { schema: `${domain}.${product}`, name: dataset };
}

async function referencedDataset(
  parts: Parts,
  { facts, reading, target }: { facts: AccessFacts; reading: Reading; target: ReferenceTarget },
): Promise<ReferencedRows> {
  const object = (facts.contract as unknown as Contract).schema?.[0];
  const keys = object === undefined ? null : findColumns(object, target);
  if (keys === null) return refuse(`${target.text} is no column of ${facts.product}.${facts.dataset}`);
  try {
    const planned = planDataset(facts, reading);
    const reason = whyUnfit(
      planned,
      keys.map(([name]) => name!),
    );
    if (reason !== null) return refuse(`${target.text}: ${reason}`);
    const { sql, files, columns } = await datasetRelation(parts, planned);
    return { sql, files, columns, keys };
  } catch (error) {
    if (!isMeshError(error) || error.status >= 500) throw error;
    return refuse(`${target.text}: ${error.message}`);
  }
}

function whyUnfit({ plan }: PlannedDataset, keys: string[]): string | null {
  if (plan.rowFilter.op !== 'true') return 'the access plan shows only some of its rows';
  for (const key of keys) {
    const column = plan.columns.find(({ name }) => name === key);
    if (column === undefined) return `the access plan hides ${key}`;
    if (column.mask !== null) return `the access plan masks ${key}`;
  }
  return null;
}
