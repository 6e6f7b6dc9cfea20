import { canonicalJson, sha256Hex } from '../base/canonical.ts';
import { typeName, type Column, type DataType } from '../base/data-type.ts';
import { MeshError } from '../base/errors.ts';
import type { Tags } from './action.ts';
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
import { isPersonal, showsValues } from './personal-data.ts';
import { bindRowFilter, missingAttributes } from './row-filter-bind.ts';
import { aTypeName, fitRowFilter, typesOf, type ColumnTypes } from './row-filter-fit.ts';
import { columnsOf, type Attributes, type RowFilter } from './row-filter-model.ts';
import { allRowFilters } from './row-filter-simplify.ts';
import { matchesTags, type TagExpression, printTagExpression } from './tags.ts';

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
  const { dataset } = facts;
  const { via } = facts;
  const grant = via.kind === 'own-domain' ? null : via.grant;
  const giver = GIVERS[via.kind === 'own-domain' ? 'subscription' : via.kind];
  const tagged = dataset.columns.map(({ name }) => ({ name, tags: tagsWithin(dataset, name) }));
  const applied = facts.restrictions
    .map((restriction) => ({ restriction, columns: selectColumns(restriction, dataset, tagged) }))
    .filter(({ columns }) => columns.length > 0)
    .sort(byLevelAndName);
  const rows = planRows({ facts, grant, giver, applied });
  const seen = planColumns({ dataset, grant, giver, applied });
  const plan = { datasetId: dataset.id, columns: seen.columns, rowFilter: rows.filter };
  return {
    ...plan,
    dataset: fullName(dataset),
    via: withoutGrant(facts.via),
    hidden: seen.hidden,
    filterColumns: pick(dataset.columns, columnsOf(rows.filter)),
    purpose: grant?.purpose ?? null,
    until: grant?.until ?? null,
    hash: hashOf(plan),
    reasons: [viaReason(facts.via), ...rows.reasons],
  };
}

/** A column with its tags and those of its parts. */
interface TaggedColumn {
  name: string;
  tags: Tags[];
}

/** A restriction with the names of the columns it selects, at least one. */
interface Applied {
  restriction: Restriction;
  columns: string[];
}

/** Whether a restriction has a say about a dataset. */
export function concerns(restriction: Pick<Restriction, 'appliesTo'>, dataset: PlanDataset): boolean {
  const tagged = dataset.columns.map(({ name }) => ({ name, tags: tagsWithin(dataset, name) }));
  return selectColumns(restriction, dataset, tagged).length > 0;
}

/** None when the restriction does not concern this dataset. Every key given must match, by any of its values. */
function selectColumns(
  { appliesTo }: Pick<Restriction, 'appliesTo'>,
  dataset: PlanDataset,
  tagged: TaggedColumn[],
): string[] {
  const { columns, datasets } = appliesTo;
  if (datasets && !datasets.some((name) => namesDataset(name, dataset))) return [];
  const { tags = {} } = appliesTo;
  const selected: string[] = [];
  for (const { name, tags: own } of tagged) {
    if (columns && !columns.includes(name)) continue;
    if (anyMatches(own, tags)) selected.push(name);
  }
  return selected;
}

function anyMatches(tags: Tags[], expression: TagExpression): boolean {
  for (const one of tags) if (matchesTags(one, expression)) return true;
  return false;
}

/** `dataset`, `product.dataset` or `domain.product.dataset`; names have no dots. */
function namesDataset(name: string, { domain, product, name: dataset }: PlanDataset): boolean {
  return [dataset, `${product}.${dataset}`, `${domain}.${product}.${dataset}`].includes(name);
}

function fullName({ domain, product, name }: PlanDataset): string {
  return `${domain}.${product}.${name}`;
}

/**
 * The tags of a column and of each of its parts. A plan is of whole columns: a restriction on a part is one on
 * the column, and a grant gives it when it gives every part. Own properties only: a column may be called
 * `constructor`.
 */
function tagsWithin({ columnTags, partTags }: PlanDataset, column: string): Tags[] {
  const own = Object.hasOwn(columnTags, column) ? columnTags[column]! : {};
  return [own, ...(Object.hasOwn(partTags, column) ? partTags[column]! : [])];
}

const LEVELS = ['mesh', 'domain', 'product'];

function byLevelAndName({ restriction: left }: Applied, { restriction: right }: Applied): number {
  const level = LEVELS.indexOf(left.level) - LEVELS.indexOf(right.level);
  return level || (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);
}

interface GrantedFacts {
  grant: Grant | null;
  giver: string;
  applied: Applied[];
}

/** Something that narrows, and who asks for it. */
interface Asked<T> {
  what: T;
  by: string;
}

function planRows({ facts, grant, giver, applied }: GrantedFacts & { facts: PlanFacts }) {
  const asked: Asked<RowFilter>[] = grant?.rowFilter ? [{ what: grant.rowFilter, by: giver }] : [];
  for (const { restriction } of applied) {
    if (restriction.rowFilter) asked.push({ what: restriction.rowFilter, by: called(restriction) });
  }
  const scope = { types: typesOf(facts.dataset.columns), attributes: facts.principal.attributes };
  const planned = asked.map((one) => planFilter(one, scope));
  return {
    filter: allRowFilters(planned.map(({ filter }) => filter)),
    reasons: planned.map(({ reason }) => reason),
  };
}

interface RowScope {
  types: ColumnTypes;
  attributes: Attributes;
}

/** The reason names who filters, never the filter's values: the one who reads it may not know them. */
function planFilter({ what, by }: Asked<RowFilter>, { types, attributes }: RowScope) {
  const absent = columnsOf(what).filter((name) => !types.has(name));
  if (absent.length > 0) {
    return {
      filter: NOTHING,
      reason: `no rows: ${by} reads the column ${absent.join(', ')}, which is not there`,
    };
  }
  const filter = fitRowFilter(bindRowFilter(what, attributes), types);
  if (!filter) {
    return { filter: NOTHING, reason: `no rows: ${by} compares a column with something its type cannot be` };
  }
  const missing = missingAttributes(what, attributes);
  const lack = missing.length > 0 ? `, and you have no attribute ${missing.join(', ')}` : '';
  return { filter, reason: `rows limited by ${by}${lack}` };
}

const NOTHING: RowFilter = { op: 'false' };
/** What a grant is part of, in words. */
const GIVERS = { subscription: 'the subscription', elevation: 'the emergency reading' } as const;

function planColumns(facts: GrantedFacts & { dataset: PlanDataset }): Pick<AccessPlan, 'columns' | 'hidden'> {
  const columns: PlannedColumn[] = [];
  const hidden: AccessPlan['hidden'] = [];
  const withheld = withholding(facts);
  const narrowing = byColumn(facts);
  for (const column of facts.dataset.columns) {
    const { masks = [], hiding = [] } = narrowing.get(column.name) ?? {};
    const reason = withheld(column.name);
    if (reason !== null) hiding.unshift(reason);
    if (hiding.length > 0) hidden.push({ name: column.name, reasons: hiding });
    else columns.push(planColumn(column, masks));
  }
  return { columns, hidden };
}

/** Why a grant does not give a column, by its name and by its tags as they are now. */
function withholding({ grant, giver, dataset }: Omit<GrantedFacts, 'applied'> & { dataset: PlanDataset }) {
  const named = grant?.columns ? new Set(grant.columns) : null;
  const { tags } = grant ?? {};
  return (column: string): string | null => {
    if (named && !named.has(column)) return `not part of ${giver}`;
    const within = tagsWithin(dataset, column);
    if (tags && !within.every((one) => matchesTags(one, tags))) {
      return `not part of ${giver}, which is for ${printTagExpression(tags)}`;
    }
    return grant !== null && lacksApproval(column, grant, within) ? UNAPPROVED : null;
  };
}

const UNAPPROVED = 'personal data whose use was not approved with the subscription';

/** What became personal data, or came, after the approval waits for a new one. */
function lacksApproval(column: string, { personal, masks }: Grant, within: Tags[]): boolean {
  if (personal === undefined || personal.includes(column)) return false;
  return showsValues(masks, column) && within.some(isPersonal);
}

interface Narrowing {
  masks: Asked<ColumnMask>[];
  /** Reasons. */
  hiding: string[];
}

/** What the grant and the restrictions ask of each column they name. */
function byColumn({ grant, giver, applied }: GrantedFacts): Map<string, Narrowing> {
  const narrowing = new Map<string, Narrowing>();
  const of = (name: string) => {
    const known = narrowing.get(name) ?? { masks: [], hiding: [] };
    narrowing.set(name, known);
    return known;
  };
  for (const [name, mask] of Object.entries(grant?.masks ?? {}))
    of(name).masks.push({ what: mask, by: giver });
  for (const { restriction, columns } of applied) {
    const { mask, hide } = restriction;
    if (!mask && !hide) continue;
    const by = called(restriction);
    for (const name of columns) {
      if (mask) of(name).masks.push({ what: mask, by });
      if (hide) of(name).hiding.push(`hidden by ${by}`);
    }
  }
  return narrowing;
}

function planColumn(column: Column, asked: Asked<ColumnMask>[]): PlannedColumn {
  const { name, id, type } = column;
  if (asked.length === 0) return { name, id, type, mask: null, reasons: [] };
  const fitted = asked.map((one) => fitMask(one, type));
  const reasons = fitted.map(({ reason }) => reason);
  if (fitted.length === 1) return { name, id, type, mask: fitted[0]!.mask, reasons };
  const mask = strictestMask(fitted.map((one) => one.mask));
  if (fitted.every((one) => one.mask.action !== mask?.action))
    reasons.push(`together they leave ${mask?.action}`);
  return { name, id, type, mask, reasons };
}

/** A mask that the column's type cannot have, for example by a tag, shows nothing rather than everything. */
function fitMask({ what, by }: Asked<ColumnMask>, type: DataType): { mask: ColumnMask; reason: string } {
  if (checkMask(what, type) === null) return { mask: what, reason: `masked with ${what.action} by ${by}` };
  const reason = `replaced with NULL, because ${by} asks for ${what.action}, which cannot mask ${aTypeName(type)}`;
  return { mask: { action: 'replace-with-null' }, reason };
}

function called({ level, name }: Restriction): string {
  return `the ${level} restriction '${name}'`;
}

function viaReason(via: Via): string {
  if (via.kind === 'own-domain') return `members of ${via.domain} read its own data`;
  if (via.kind === 'elevation') return `elevated in an emergency, until ${via.grant.until}`;
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
function hashOf({
  datasetId,
  columns,
  rowFilter,
}: Pick<AccessPlan, 'datasetId' | 'columns' | 'rowFilter'>): string {
  const seen = columns.map(({ name, type, mask }) => [name, typeName(type), mask && canonicalJson(mask)]);
  return sha256Hex(JSON.stringify([datasetId, seen, canonicalJson(rowFilter)]));
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
