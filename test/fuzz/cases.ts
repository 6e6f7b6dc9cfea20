import type { Column } from '../../src/base/data-type.ts';
import type { Grant, PlanFacts, Restriction, Via } from '../../src/policy/access-plan-model.ts';
import { masksFor, type ColumnMask } from '../../src/policy/column-mask.ts';
import type { Attributes, RowFilter } from '../../src/policy/row-filter-model.ts';
import { inheritTags, type TagExpression } from '../../src/policy/tags.ts';
import type { Row } from '../../src/policy/row-value.ts';
import { Dice } from './dice.ts';
import { anyFilter } from './filters.ts';
import { anyConstant, anyValue, NESTED, TYPES } from './values.ts';

export interface FuzzTable {
  columns: Column[];
  rows: Row[];
}

/** What a consumer asks of what it sees. Columns are named by their place among those of the table. */
export type FuzzQuery =
  | { kind: 'select'; columns: string[]; where: RowFilter | null }
  | { kind: 'count'; column: string | null; where: RowFilter | null }
  | { kind: 'group'; column: string; where: RowFilter | null }
  /** What `SELECT *` would give. */
  | { kind: 'columns' }
  /** A hidden column by its name. */
  | { kind: 'hidden'; column: string };

/** Who asks, under which right and rules; the query is made from what the plan shows. */
export interface FuzzCase {
  /** `seed of the table:place among its cases`. */
  name: string;
  querySeed: number;
  table: FuzzTable;
  facts: PlanFacts;
}

export const CASES_OF_TABLE = 25;

/** The cases of one table. */
export function casesOf(seed: number): FuzzCase[] {
  const dice = new Dice(seed);
  const table = anyTable(dice);
  return dice.list(CASES_OF_TABLE, (at) => ({
    ...{ name: `${seed}:${at}`, table, querySeed: dice.seed() },
    facts: anyFacts(new Dice(seed * 1_000 + at), table.columns),
  }));
}

const NAMES = [
  ...['id', 'Name', 'amount', 'e mail', 'select', 'a.b', "it's", 'quote"d', 'raw', 'raw_', 'v', 'größe'],
  ...[
    'constructor',
    '__proto__',
    'principal',
    'is_nan',
    'x%',
    'user',
    'rid',
    't',
    'mask',
    '9',
    'null',
    'and',
  ],
];

function anyTable(dice: Dice): FuzzTable {
  const names = [...NAMES].sort(() => dice.next() - 0.5);
  const types = [...TYPES].sort(() => dice.next() - 0.5);
  // Texts and floating numbers have the most ways to differ.
  if (!dice.once(4)) types.unshift({ kind: 'string' });
  if (!dice.once(3)) types.unshift(dice.pick([{ kind: 'float' }, { kind: 'double' }] as const));
  const columns = dice.list(dice.between(5, 9), (at): Column => ({
    ...{ id: at + 1, name: names[at]!, type: types[at]! },
    required: dice.once(6),
  }));
  const rows = dice.list(dice.between(0, 14), () => anyRow(dice, columns));
  return { columns, rows };
}

function anyRow(dice: Dice, columns: Column[]): Row {
  return Object.fromEntries(
    columns.map(({ name, type, required }) => [
      name,
      !required && dice.once(4) ? null : anyValue(dice, type),
    ]),
  );
}

const TAGS: Record<string, string[]> = {
  'personal-data': ['contact', 'location'],
  class: ['secret', 'open'],
};

function anyFacts(dice: Dice, columns: Column[]): PlanFacts {
  const own = dice.once(4);
  const attributes = anyAttributes(dice, columns);
  const domain = own ? 'sales' : 'marketing';
  const via: Via = own
    ? { kind: 'own-domain', domain }
    : { kind: 'subscription', id: 'sub_1', domain, grant: anyGrant(dice, columns) };
  return {
    dataset: {
      ...{ id: 'dts_1', domain: 'sales', product: 'sell-out', name: 'sales', columns },
      ...anyTagsOf(dice, columns),
    },
    principal: { id: 'prs_1', kind: 'person', domains: [domain], attributes },
    via,
    restrictions: dice.list(dice.upTo(4), (at) => anyRestriction(dice, columns, at)),
    now: '2026-01-01T00:00:00Z',
  };
}

/** Set at every level: what a column does not say it has from the dataset, and a part from its column. */
function anyTagsOf(dice: Dice, columns: Column[]): Pick<PlanFacts['dataset'], 'columnTags' | 'partTags'> {
  const above = dice.once(3) ? inheritTags(anyTags(dice), anyTags(dice)) : {};
  const tagged = columns.map(({ name }) => [name, inheritTags(above, anyTags(dice))] as const);
  const columnTags = Object.fromEntries(tagged);
  const nested = columns.filter(({ type }) => NESTED.includes(type.kind));
  const parts = nested.map(({ name }) => [
    name,
    dice.list(dice.upTo(3), () => inheritTags(columnTags[name]!, anyTags(dice))),
  ]);
  return { columnTags, partTags: Object.fromEntries(parts) };
}

function anyTags(dice: Dice): Record<string, string> {
  return Object.fromEntries(dice.some(Object.entries(TAGS)).map(([key, values]) => [key, dice.pick(values)]));
}

/** `absent` is asked for and never there; `some` is a list; values fit one column and perhaps no other. */
const ATTRIBUTES = ['one', 'some', 'none', 'absent', 'constructor'];

function anyAttributes(dice: Dice, columns: Column[]): Attributes {
  const value = () => {
    const { type } = dice.pick(columns.filter(isComparable));
    return String(anyConstant(dice, type).value);
  };
  return { one: value(), some: dice.list(dice.between(1, 3), value), none: [] };
}

function isComparable({ type }: Column): boolean {
  return type.kind !== 'binary' && !NESTED.includes(type.kind);
}

function anyGrant(dice: Dice, columns: Column[]): Grant {
  const names = columns.map(({ name }) => name);
  const masked = dice.some(columns, 0.15);
  return {
    columns: dice.once(2) ? null : dice.some(names, 0.8),
    ...(dice.once(8) && { tags: anyTagExpression(dice) }),
    rowFilter: dice.once(2) ? null : anyFilter(dice, { columns, attributes: ATTRIBUTES }),
    masks: Object.fromEntries(masked.map((column) => [column.name, anyMask(dice, column)])),
    purpose: 'fuzzing',
    until: null,
  };
}

function anyRestriction(dice: Dice, columns: Column[], at: number): Restriction {
  const restriction: Restriction = {
    id: `rst_${at}`,
    level: dice.pick(['mesh', 'domain', 'product']),
    name: `r${at}`,
    appliesTo: anySelection(dice, columns),
  };
  if (dice.once(2)) restriction.rowFilter = anyFilter(dice, { columns, attributes: ATTRIBUTES });
  if (dice.once(2)) restriction.mask = anyMask(dice, dice.pick(columns));
  else if (dice.once(4)) restriction.hide = true;
  return restriction;
}

function anySelection(dice: Dice, columns: Column[]): Restriction['appliesTo'] {
  return {
    ...(dice.once(3) && { datasets: ['sell-out.sales'] }),
    ...(dice.once(2) && { columns: dice.some(columns, 0.4).map(({ name }) => name) }),
    ...(dice.once(2) && { tags: anyTagExpression(dice) }),
  };
}

function anyTagExpression(dice: Dice): TagExpression {
  const keys = dice.once(2) ? Object.entries(TAGS) : [dice.pick(Object.entries(TAGS))];
  return Object.fromEntries(keys.map(([key, values]) => [key, dice.some(values, 0.7)]));
}

function anyMask(dice: Dice, { type }: Column): ColumnMask {
  const action = dice.pick(masksFor(type));
  if (action !== 'mask-to-fixed-value') return { action };
  const fixable = type.kind !== 'binary' && !NESTED.includes(type.kind);
  return fixable && dice.once(2) ? { action, value: anyConstant(dice, type).value } : { action };
}

/** What somebody who sees these columns asks; there is at least one. */
export function anyQuery(dice: Dice, visible: Column[], hidden: string[]): FuzzQuery {
  if (dice.once(12)) return { kind: 'columns' };
  if (hidden.length > 0 && dice.once(12)) return { kind: 'hidden', column: dice.pick(hidden) };
  const where = dice.once(2) ? null : anyFilter(dice, { columns: visible, attributes: [], depth: 2 });
  const names = visible.map(({ name }) => name);
  switch (dice.upTo(4)) {
    case 0:
      return { kind: 'count', column: dice.once(2) ? null : dice.pick(names), where };
    case 1:
      return { kind: 'group', column: dice.pick(names), where };
    default: {
      const columns = dice.once(2) ? names : dice.some(names, 0.7);
      return { kind: 'select', columns: columns.length > 0 ? columns : [names[0]!], where };
    }
  }
}
