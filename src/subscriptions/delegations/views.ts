import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { printRowFilter } from '../../policy/row-filter-print.ts';
import { COLUMN_MASK } from '../grant.ts';
import type { NamedDelegation } from './store.ts';

export const DELEGATION_VIEW = z.object({
  id: z.string(),
  product: z.string().describe('DOMAIN.PRODUCT'),
  major: z.number().int().describe('the major version of the product that it is for'),
  to: z.object({
    kind: z.enum(['person', 'service', 'domain']),
    id: z.string(),
    name: z.string().nullable().describe('e-mail address or name; null when it is not there any more'),
  }),
  state: z.enum(['active', 'expired', 'ended']),
  rowFilter: z.string().nullable(),
  columns: z.array(z.string()).nullable().describe('null is all'),
  tags: z.record(z.string(), z.array(z.string())).nullable().describe('only columns that are so tagged'),
  masks: z.record(z.string(), COLUMN_MASK),
  until: z.string().nullable(),
  delegatedBy: z.string(),
  delegatedAt: z.string(),
  endedBy: z.string().nullable(),
  endedAt: z.string().nullable(),
  reason: z.string().nullable(),
  approvals: z.number().int().describe('active subscriptions that were approved under it'),
});
export type DelegationView = z.output<typeof DELEGATION_VIEW>;

export function viewDelegation(row: NamedDelegation, now: Date): DelegationView {
  const { ceiling, until, endedAt } = row;
  const expired = until !== null && until <= now;
  return {
    id: row.id,
    product: `${row.producer}.${row.product}`,
    major: row.major,
    to: { kind: row.holderKind, id: row.holderId, name: row.holder },
    state: endedAt !== null ? 'ended' : expired ? 'expired' : 'active',
    rowFilter: ceiling.rowFilter === null ? null : printRowFilter(ceiling.rowFilter),
    columns: ceiling.columns,
    tags: ceiling.tags ?? null,
    masks: ceiling.masks,
    until: until === null ? null : isoTime(until),
    delegatedBy: row.delegator ?? row.delegatedBy,
    delegatedAt: isoTime(row.delegatedAt),
    endedBy: row.endedBy,
    endedAt: endedAt === null ? null : isoTime(endedAt),
    reason: row.endReason,
    approvals: row.approvals,
  };
}
