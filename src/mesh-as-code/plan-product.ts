import { versionHash } from '../products/version-hash.ts';
import type { ProductStatus } from '../store/schema.ts';
import { documentDifferences, isSame, type Item, matchItems } from './change.ts';
import {
  type DeclaredDataset,
  type DeclaredGrant,
  type DeclaredPolicy,
  type DeclaredProduct,
  fullName,
} from './declaration.ts';
import { findGrant } from './find-grant.ts';
import { judgeOffer, type OfferFacts } from './judge-offer.ts';
import { findMajor } from './majors.ts';
import type { DatasetItem, PolicyItem, PolicyState, ProductPlan } from './product-plan.ts';
import { type RestrictionItem, planRestrictions } from './plan-restrictions.ts';
import type { Input } from './resolve-inputs.ts';
import type { DatasetState, ProductState } from './state.ts';

export interface ProductFacts {
  domain: string;
  /** Owners that the domain will have. */
  owners: number;
  /** Inputs by `product.dataset`. */
  inputs: Map<string, Input[]>;
  now: Date;
  offer: OfferFacts;
}

/** What is to be done to the products of a domain. Those that are retired and not declared stay history. */
export function planProducts(
  declared: readonly DeclaredProduct[],
  stored: readonly ProductState[],
  facts: ProductFacts,
): ProductPlan[] {
  const majorOf = ({ row }: ProductState) => ({
    name: row.name,
    major: row.major,
    published: row.published_at !== null,
  });
  const same = new Map(declared.map((product) => [product.name, findMajor(product, stored, majorOf)]));
  const isOlder = (one: ProductState) =>
    same.has(one.row.name) && same.get(one.row.name) !== one && one.row.published_at !== null;
  const items = matchItems<DeclaredProduct, ProductState>({
    kind: 'product',
    declared,
    stored: stored.filter((one) => !isOlder(one)),
    keys: {
      declared: ({ name }) => name,
      stored: (one) =>
        same.get(one.row.name) === one || one.row.is_current
          ? one.row.name
          : `${one.row.name}@${one.row.major}`,
    },
    name: (name) => `${facts.domain}.${name}`,
    differences: productDifferences,
  });
  return items
    .filter((item) => item.declared !== null || item.stored?.row.status !== 'retired')
    .map((item) => {
      const older = stored.filter((one) => isOlder(one) && one.row.name === item.declared?.name);
      return planProduct(item, older, facts);
    });
}

function productDifferences(declared: DeclaredProduct, { row, versions }: ProductState): string[] {
  const status = nextStatus(declared, row);
  const differences = documentDifferences(declared, row);
  if (status !== row.status) differences.push(`state: ${row.status} -> ${status}`);
  else if (status === 'published' && !versions.some(({ version }) => version === declared.version)) {
    differences.push(`published as ${declared.version}`);
  }
  if (!isSame(declared.grants, row.grants)) differences.push('grants changed');
  if (!isSame(declared.requestForm, row.request_form)) differences.push('request form changed');
  return differences;
}

/**
 * The state a product comes to. What `product publish`, `deprecate` and `retire` did stays until its file says
 * something else than before; and what was offered never becomes a draft again.
 */
function nextStatus(declared: DeclaredProduct, row: ProductState['row']): ProductStatus {
  const wasRemoved = row.text === '';
  const isSaidAnew = wasRemoved || declared.document.status !== row.document['status'];
  if (!isSaidAnew && !(row.status === 'draft' && declared.status === 'published')) return row.status;
  if (declared.status === 'draft' && row.published_at !== null && !wasRemoved) return row.status;
  return declared.status;
}

function planProduct(
  item: Item<DeclaredProduct, ProductState>,
  majors: ProductState[],
  facts: ProductFacts,
): ProductPlan {
  const { declared, stored } = item;
  const older = majors.filter(({ row }) => row.status !== 'retired');
  if (stored === null && older.length > 0) item.change.details.push(besides(older));
  const gone = declared === null;
  const status = gone ? 'retired' : stored === null ? declared.status : nextStatus(declared, stored.row);
  const isNewVersion = !stored?.versions.some(({ version }) => version === declared?.version);
  const access = planPolicies(declared?.access ?? [], gone ? [] : (stored?.policies ?? []), item.change.name);
  const restrictions = planRestrictions(
    declared?.restrictions ?? [],
    gone ? [] : (stored?.restrictions ?? []),
    item.change.name,
  );
  const plan: ProductPlan = {
    ...item,
    older,
    majors,
    status,
    publish: !gone && status === 'published' && (stored?.row.status !== 'published' || isNewVersion),
    rules: !gone && changesRules(declared, stored ?? older.find(({ row }) => row.is_current) ?? null),
    access,
    restrictions,
    datasets: gone ? [] : planDatasets(declared, stored?.datasets ?? [], facts),
    approvals: gone ? [] : approvalsOf(declared, stored?.requests ?? [], facts.now),
    verdict: null,
  };
  return { ...plan, verdict: judgeOffer(plan, facts) };
}

function besides(older: ProductState[]): string {
  return `a new major version, beside ${older.map(({ row }) => row.version).join(', ')}`;
}

/** A new major that keeps the rules of the one before leaves them as those who may decide about them left them. */
function changesRules(declared: DeclaredProduct, before: ProductState | null): boolean {
  const rules = [
    ...planPolicies(declared.access, before?.policies ?? [], ''),
    ...planRestrictions(declared.restrictions, before?.restrictions ?? [], ''),
  ];
  const isOther = rules.some(({ change }) => change.action !== 'unchanged');
  const isAsked = isSame(declared.requestForm, before?.row.request_form ?? {});
  return isOther || !isAsked || !isSame(declared.grants, before?.row.grants ?? []);
}

export function planPolicies(
  declared: readonly DeclaredPolicy[],
  stored: readonly PolicyState[],
  scope: string,
): PolicyItem[] {
  return matchItems<DeclaredPolicy, PolicyState>({
    kind: 'policy',
    declared,
    stored,
    keys: { declared: ({ name }) => name, stored: ({ name }) => name },
    name: (name) => `${scope}/${name}`,
    differences: (left, right) => (left.text === right.text ? [] : ['policies changed']),
  });
}

function planDatasets(
  product: DeclaredProduct,
  stored: readonly DatasetState[],
  facts: ProductFacts,
): DatasetItem[] {
  const inputsOf = (name: string) => facts.inputs.get(`${product.name}.${name}`) ?? [];
  const items = matchItems<DeclaredDataset, DatasetState>({
    kind: 'dataset',
    declared: product.datasets,
    stored,
    keys: { declared: ({ name }) => name, stored: ({ row }) => row.name },
    name: (name) => `${fullName(product)}.${name}`,
    differences: (declared, state) => datasetDifferences(declared, state, inputsOf(declared.name)),
  });
  return items.map((item) => ({
    ...item,
    inputs: item.declared === null ? [] : inputsOf(item.declared.name),
    meaning: item.declared !== null && changesRows(item.declared, item.stored),
  }));
}

function datasetDifferences(
  declared: DeclaredDataset,
  { row, inputs }: DatasetState,
  now: Input[],
): string[] {
  const differences: string[] = [];
  if (declared.version !== row.contract_version) {
    differences.push(`contract: ${row.contract_version} -> ${declared.version}`);
  } else if (!isSame(declared.contract, row.contract)) differences.push('contract changed');
  else if (declared.text !== row.contract_text) differences.push('contract: comments or layout');
  if ((declared.sql?.text ?? null) !== row.sql_text) differences.push('SQL changed');
  if (declared.description !== row.description) differences.push('description changed');
  const stored = inputs.map(({ kind, name, input_dataset_id }) => [kind, name, input_dataset_id]);
  const wanted = now.map((input) => [
    input.kind,
    input.name,
    input.kind === 'dataset' ? input.datasetId : null,
  ]);
  const inOrder = (list: unknown[][]) => list.map((one) => JSON.stringify(one)).sort();
  if (!isSame(inOrder(stored), inOrder(wanted))) differences.push('inputs changed');
  return differences;
}

function changesRows(declared: DeclaredDataset, stored: DatasetState | null): boolean {
  if (stored === null || (declared.sql?.text ?? null) !== stored.row.sql_text) return true;
  return versionHash(declared.contract) !== versionHash(stored.row.contract);
}

function approvalsOf(
  declared: DeclaredProduct,
  requests: ProductState['requests'],
  now: Date,
): ProductPlan['approvals'] {
  return requests.flatMap(({ id, domain, purpose, columns }) => {
    const grant = findGrant(declared.grants, { domain, purpose }, now);
    // A grant of other columns than those asked for leaves the request to a person.
    const given = grant?.granted.columns ?? columns;
    const isOther = columns !== null && !columns.some((name) => given?.includes(name));
    return grant === null || isOther ? [] : [{ requestId: id, consumer: domain, purpose, grant }];
  });
}
