import type { Column } from '../../base/data-type.ts';
import type { SubjectColumn } from '../../contracts/data-subjects.ts';
import { BY_TABLES } from '../../lineage/lineage-model.ts';

/** An edge of the mesh's own lineage; empty columns stand for the node as a whole. */
export interface Edge {
  fromNode: string;
  fromColumn: string;
  toNode: string;
  toColumn: string;
  transformations: string[];
}

/** A dataset as far as following needs it. */
export interface Followable {
  id: string;
  columns: Column[];
  /** Its own marks, where they mean the same subjects. */
  marks: SubjectColumn[];
  /** Columns tagged as personal. */
  personal: string[];
  isStart: boolean;
  /** Why it may hold rows that no edge of today tells of. */
  former: string | null;
}

/** What a column of a dataset holds of the subject. */
export type FollowedRole = 'key' | 'identifier' | 'personal';

export interface Followed {
  columns: Map<string, FollowedRole>;
  /** What may hold values of the subject in a form by which its rows are not found, in words. */
  lost: string[];
}

const STRENGTH: readonly FollowedRole[] = ['key', 'identifier', 'personal'];

/**
 * Which columns of which datasets hold the subject's key, an identifier or other personal values: from the
 * start along identities, level by level, until nothing is new. A value that was changed on its way is
 * lost: nobody can tell whose it is.
 */
export function followColumns(datasets: Followable[], edges: Edge[]): Map<string, Followed> {
  const known = new Map(datasets.map((dataset) => [dataset.id, dataset]));
  const byFrom = Map.groupBy(edges, ({ fromNode }) => fromNode);
  const found = new Map<string, Followed>();
  const open = datasets.filter(({ isStart, former }) => isStart || former !== null).map(({ id }) => id);
  for (const id of open) found.set(id, begin(known.get(id)!));
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    const from = found.get(id)!;
    for (const [target, ways] of Map.groupBy(byFrom.get(id) ?? [], ({ toNode }) => toNode)) {
      const dataset = known.get(target);
      if (dataset === undefined) continue;
      const isNew = !found.has(target);
      const to = found.get(target) ?? begin(dataset);
      found.set(target, to);
      const grown = ways.map((way) => step(way, { from, to, dataset, source: known.get(id)! }));
      if ((isNew || grown.includes(true)) && !open.includes(target)) open.push(target);
    }
  }
  return found;
}

/** Personal columns of what is made of the start are followed to it; its others may be of other persons. */
function begin({ marks, personal, isStart, former }: Followable): Followed {
  const own = isStart || former !== null ? personal : [];
  const columns = new Map<string, FollowedRole>(own.map((column) => [column, 'personal']));
  for (const { column, role } of marks) columns.set(column, role);
  return { columns, lost: former === null ? [] : [former] };
}

interface Stepping {
  from: Followed;
  to: Followed;
  source: Followable;
  dataset: Followable;
}

/** One edge; whether it told of anything new. */
function step(
  { fromColumn, toColumn, transformations }: Edge,
  { from, to, source, dataset }: Stepping,
): boolean {
  const bears = from.columns.size > 0 || from.lost.length > 0;
  if (transformations.includes(BY_TABLES)) {
    return bears && lose(to, `${toColumn === '' ? 'which columns go where' : toColumn} is not known`);
  }
  // What was lost before is lost in everything made of it.
  if (fromColumn === '' && toColumn === '') {
    return from.lost.length > 0 && lose(to, 'it is made of what was not followed');
  }
  const role = from.columns.get(fromColumn);
  if (role === undefined || toColumn === '') return false;
  if (transformations.includes('DIRECT IDENTITY')) return strengthen(to, toColumn, role);
  const changed = transformations.find((kind) => kind.startsWith('DIRECT'));
  if (changed === undefined) return false;
  const typeOf = (columns: Column[], name: string) => columns.find((one) => one.name === name)?.type.kind;
  const counts =
    changed.includes('AGGREGATION') &&
    isNumber(typeOf(dataset.columns, toColumn)) &&
    !isNumber(typeOf(source.columns, fromColumn));
  return !counts && lose(to, `${toColumn} is made from ${fromColumn}`);
}

function isNumber(kind: Column['type']['kind'] | undefined): boolean {
  return kind !== undefined && ['int', 'long', 'float', 'double', 'decimal'].includes(kind);
}

function strengthen({ columns }: Followed, column: string, role: FollowedRole): boolean {
  const before = columns.get(column);
  if (before !== undefined && STRENGTH.indexOf(before) <= STRENGTH.indexOf(role)) return false;
  columns.set(column, role);
  return true;
}

function lose({ lost }: Followed, what: string): boolean {
  if (lost.includes(what)) return false;
  lost.push(what);
  return true;
}
