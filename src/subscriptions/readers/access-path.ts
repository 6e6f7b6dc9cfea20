import { z } from 'zod';
import type { AccessPlan } from '../../policy/access-plan.ts';
import { printRowFilter } from '../../policy/row-filter-print.ts';
import { COLUMN_MASK } from '../grant.ts';
import { majorName } from '../plan-access.ts';
import type { AccessFacts } from '../store.ts';

/** One way by which one reader sees one dataset. */
export const ACCESS_PATH = z.object({
  dataset: z.string().describe('DOMAIN.PRODUCT.DATASET, with @MAJOR where that is not the current one'),
  via: z.enum(['own-domain', 'subscription', 'elevation']),
  domain: z.string().describe('whose membership gives the path'),
  subscription: z.string().nullable(),
  purpose: z.string().nullable(),
  until: z.string().nullable(),
  rows: z.string().describe('row filter; `true` gives all rows'),
  column: z
    .object({ access: z.enum(['visible', 'masked']), mask: COLUMN_MASK.nullable() })
    .nullable()
    .describe('of the column asked for'),
  visible: z.array(z.string()),
  masked: z.array(z.string()),
  hidden: z.array(z.string()),
});
export type AccessPath = z.output<typeof ACCESS_PATH>;

/** None when the plan hides the column asked for, or has no such column. */
export function pathOf(plan: AccessPlan, facts: AccessFacts, column?: string): AccessPath | null {
  const found = plan.columns.find(({ name }) => name === column);
  if (column !== undefined && found === undefined) return null;
  const { via, purpose, until, hidden } = plan;
  const named = (masked: boolean) =>
    plan.columns.filter(({ mask }) => (mask !== null) === masked).map(({ name }) => name);
  return {
    dataset: `${majorName(facts)}.${facts.dataset}`,
    via: via.kind,
    domain: via.domain,
    subscription: via.kind === 'subscription' ? via.id : null,
    purpose,
    until,
    rows: printRowFilter(plan.rowFilter),
    column:
      found === undefined ? null : { access: found.mask === null ? 'visible' : 'masked', mask: found.mask },
    visible: named(false),
    masked: named(true),
    hidden: hidden.map(({ name }) => name),
  };
}
