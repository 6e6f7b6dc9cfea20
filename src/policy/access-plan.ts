import { contentHash } from '../base/canonical.ts';
import { typeName, type Column } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type {
  AccessPlan,
  Grant,
  PlanDataset,
  PlanFacts,
  PlannedColumn,
  Restriction,
  Via,
} from './access-plan-model.ts';
import { checkMask, strictestMask, type ColumnMask } from './column-mask.ts';
import { bindRowFilter, missingAttributes } from './row-filter-bind.ts';
import { aTypeName, fitRowFilter } from './row-filter-fit.ts';
import { columnsOf, type Attributes, type RowFilter } from './row-filter-model.ts';
import { allRowFilters } from './row-filter-simplify.ts';

export type {
  AccessPlan,
  Grant,
  PlanDataset,
  PlanFacts,
  PlannedColumn,
  PlanPrincipal,
  Restriction,
  RestrictionLevel,
  Via,
} from './access-plan-model.ts';

/**
 * What a principal may see of a dataset: the grant AND every restriction that applies. A restriction can
 * only hide, mask or filter more; of several masks on a column the strictest counts (`strictestMask`).
 * Pure: equal facts give an equal plan, whatever the order of the restrictions.
 *
 * @throws MeshError `policy.not-granted` when the right to read is not one, or has ended.
 */
export function planAccess(facts: PlanFacts): AccessPlan {
  checkVia(facts);
  const grant = facts.via.kind === 'subscription' ? facts.via.grant : null;
  const applicable = facts.restrictions
    .map((restriction) => apply(restriction, facts.dataset))
    .filter((applied) => applied !== null)
    .sort(byLevelAndName);
  const rows = planRows({ facts, grant, applicable });
  const seen = planColumns({ dataset: facts.dataset, grant, applicable });
  const plan = { datasetId: facts.dataset.id, columns: seen.columns, rowFilter: rows.filter };
  return {
    ...plan,
    dataset: fullName(facts.dataset),
    via: withoutGrant(facts.via),
    hidden: seen.hidden,
    filterColumns: pick(facts.dataset.columns, columnsOf(rows.filter)),
    purpose: grant?.purpose ?? null,
    until: grant?.until ?? null,
    hash: hashOf(plan),
    reasons: [viaReason(facts.via), ...rows.reasons],
  };
}

/** A restriction with the columns of the dataset it selects. */
interface Applied {
  restriction: Restriction;
  columns: Set<string>;
}

/** `null` when the restriction does not concern this dataset. Every key given must match, by any of its values. */
function apply(restriction: Restriction, dataset: PlanDataset): Applied | null {
  const { columns, tags, datasets } = restriction.appliesTo;
  if (datasets && !datasets.some((name) => namesDataset(name, dataset))) return null;
  const named = columns && new Set(columns);
  const wanted = Object.entries(tags ?? {});
  const selected = dataset.columns
    .map((column) => column.name)
    .filter((name) => !named || named.has(name))
    .filter((name) => wanted.every(([key, values]) => values.includes(tagOf(dataset, name, key))));
  return selected.length === 0 ? null : { restriction, columns: new Set(selected) };
}

/** `dataset`, `product.dataset` or `domain.product.dataset`; names have no dots. */
function namesDataset(name: string, { domain, product, name: dataset }: PlanDataset): boolean {
  return [dataset, `${product}.${dataset}`, `${domain}.${product}.${dataset}`].includes(name);
}

function fullName({ domain, product, name }: PlanDataset): string {
  return `${domain}.${product}.${name}`;
}

/** Own properties only: a column may be called `constructor`. */
function tagOf(dataset: PlanDataset, column: string, key: string): string {
  const tags = Object.hasOwn(dataset.columnTags, column) ? dataset.columnTags[column]! : {};
  return Object.hasOwn(tags, key) ? tags[key]! : '';
}

const LEVELS = ['mesh', 'domain', 'product'];

function byLevelAndName({ restriction: left }: Applied, { restriction: right }: Applied): number {
  const level = LEVELS.indexOf(left.level) - LEVELS.indexOf(right.level);
  return level || (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);
}

interface RowFacts {
  facts: PlanFacts;
  grant: Grant | null;
  applicable: Applied[];
}

function planRows({ facts, grant, applicable }: RowFacts): { filter: RowFilter; reasons: string[] } {
  const sources: { filter: RowFilter; by: string }[] = [];
  if (grant?.rowFilter) sources.push({ filter: grant.rowFilter, by: 'the subscription' });
  for (const { restriction } of applicable) {
    if (restriction.rowFilter) sources.push({ filter: restriction.rowFilter, by: called(restriction) });
  }
  const { columns } = facts.dataset;
  const { attributes } = facts.principal;
  const fitted = sources.map(({ filter }) => fitRowFilter(bindRowFilter(filter, attributes), columns));
  return {
    filter: allRowFilters(fitted.map((filter) => filter ?? { op: 'false' })),
    reasons: sources.map((source, index) =>
      rowReason({ ...source, attributes, columns, fits: fitted[index] !== null }),
    ),
  };
}

interface RowReasonFacts {
  filter: RowFilter;
  by: string;
  attributes: Attributes;
  columns: Column[];
  fits: boolean;
}

/** Names who filters, never the filter's values: the one who reads this may not know them. */
function rowReason({ filter, by, attributes, columns, fits }: RowReasonFacts): string {
  const known = new Set(columns.map((column) => column.name));
  const absent = columnsOf(filter).filter((name) => !known.has(name));
  if (absent.length > 0) return `no rows: ${by} reads the column ${absent.join(', ')}, which is not there`;
  if (!fits) return `no rows: ${by} compares a column with something its type cannot be`;
  const missing = missingAttributes(filter, attributes);
  if (missing.length > 0) return `rows limited by ${by}, and you have no attribute ${missing.join(', ')}`;
  return `rows limited by ${by}`;
}

interface ColumnFacts {
  dataset: PlanDataset;
  grant: Grant | null;
  applicable: Applied[];
}

function planColumns(facts: ColumnFacts): Pick<AccessPlan, 'columns' | 'hidden'> {
  const columns: PlannedColumn[] = [];
  const hidden: AccessPlan['hidden'] = [];
  const granted = facts.grant?.columns ? new Set(facts.grant.columns) : null;
  for (const column of facts.dataset.columns) {
    const hiding = hidingReasons({ ...facts, column, granted });
    if (hiding.length > 0) hidden.push({ name: column.name, reasons: hiding });
    else columns.push(planColumn(column, facts));
  }
  return { columns, hidden };
}

function hidingReasons(facts: ColumnFacts & { column: Column; granted: Set<string> | null }): string[] {
  const { column, granted, applicable } = facts;
  const outside = granted && !granted.has(column.name) ? ['not part of the subscription'] : [];
  const hiding = applicable.filter(
    ({ restriction, columns }) => restriction.hide && columns.has(column.name),
  );
  return [...outside, ...hiding.map(({ restriction }) => `hidden by ${called(restriction)}`)];
}

function planColumn(column: Column, { grant, applicable }: ColumnFacts): PlannedColumn {
  const asked: { mask: ColumnMask; by: string }[] = [];
  if (grant && Object.hasOwn(grant.masks, column.name)) {
    asked.push({ mask: grant.masks[column.name]!, by: 'the subscription' });
  }
  for (const { restriction, columns } of applicable) {
    if (restriction.mask && columns.has(column.name)) {
      asked.push({ mask: restriction.mask, by: called(restriction) });
    }
  }
  const fitted = asked.map((ask) => fitMask(ask, column));
  const mask = strictestMask(fitted.map(({ mask }) => mask));
  return { name: column.name, id: column.id, type: column.type, mask, reasons: maskReasons(fitted, mask) };
}

/** A mask that the column's type cannot have, for example by a tag, shows nothing rather than everything. */
function fitMask({ mask, by }: { mask: ColumnMask; by: string }, { type }: Column) {
  if (checkMask(mask, type) === null) return { mask, reason: `masked with ${mask.action} by ${by}` };
  return {
    mask: { action: 'replace-with-null' } satisfies ColumnMask,
    reason: `replaced with NULL, because ${by} asks for ${mask.action}, which cannot mask ${aTypeName(type)}`,
  };
}

function maskReasons(fitted: { mask: ColumnMask; reason: string }[], mask: ColumnMask | null): string[] {
  const reasons = fitted.map(({ reason }) => reason);
  if (!mask || fitted.some((one) => one.mask.action === mask.action)) return reasons;
  return [...reasons, `together they leave ${mask.action}`];
}

function called({ level, name }: Restriction): string {
  return `the ${level} restriction '${name}'`;
}

function viaReason(via: Via): string {
  if (via.kind === 'own-domain') return `members of ${via.domain} read its own data`;
  return `${via.domain} subscribes for the purpose '${via.grant.purpose}'`;
}

function withoutGrant(via: Via): AccessPlan['via'] {
  if (via.kind === 'own-domain') return via;
  return { kind: via.kind, id: via.id, domain: via.domain };
}

function pick(columns: Column[], names: string[]): Column[] {
  const wanted = new Set(names);
  return columns.filter((column) => wanted.has(column.name));
}

/** Over what the caller sees and nothing else, so that equal views share one materialisation. */
function hashOf({ datasetId, columns, rowFilter }: Pick<AccessPlan, 'datasetId' | 'columns' | 'rowFilter'>) {
  const seen = columns.map(({ name, type, mask }) => ({ name, type: typeName(type), mask }));
  return contentHash({ datasetId, columns: seen, rowFilter });
}

/** The right was decided elsewhere; a plan still refuses one that contradicts the facts or has ended. */
function checkVia({ via, principal, dataset, now }: PlanFacts): void {
  if (!principal.domains.includes(via.domain))
    throw notGranted(dataset, `you are no member of ${via.domain}`);
  if (via.kind === 'own-domain') {
    if (via.domain !== dataset.domain) throw notGranted(dataset, `${via.domain} does not own it`);
  } else if (hasEnded(via.grant.until, now)) {
    throw notGranted(dataset, `the subscription ended on ${via.grant.until}`);
  }
}

/** A date ends with its day, in UTC. What cannot be read as a time has ended. */
export function hasEnded(until: string | null, now: string): boolean {
  if (until === null) return false;
  const dateOnly = /^\d{4}-\d{2}-\d{2}$/.test(until);
  const end = Date.parse(until) + (dateOnly ? 86_400_000 : 0);
  return !(Date.parse(now) < end);
}

function notGranted(dataset: PlanDataset, reason: string): MeshError {
  const product = `${dataset.domain}.${dataset.product}`;
  return new MeshError('policy.not-granted', { facts: { dataset: fullName(dataset), product, reason } });
}
