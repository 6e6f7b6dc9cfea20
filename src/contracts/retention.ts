import { type Column, quoteIdentifier } from '../base/data-type.ts';
import { type Duration, subtractDuration } from './duration.ts';
import type { Contract } from './odcs.ts';
import { describeServiceLevels } from './sla-properties.ts';

/** How long a contract keeps data (ODCS `slaProperties`, `retention`). */
export interface Retention {
  duration: Duration;
  /** Columns of date or time that say how old a row is; none: it is about releases. */
  columns: Column[];
}

const TIMES = ['date', 'timestamp', 'timestamptz'];
const DAY_MS = 86_400_000;

/**
 * What a contract says of retention. One whose elements are no dates or times says nothing that could be
 * followed. Of several the shortest counts: it promises that nothing older is kept.
 */
export function retentionsOf(contract: Contract): Retention[] {
  return describeServiceLevels(contract).flatMap(({ property, fault, value, columns }) => {
    if (property !== 'retention' || fault !== null || value?.kind !== 'duration') return [];
    if (columns.some(({ type }) => !TIMES.includes(type.kind))) return [];
    return [{ duration: value.duration, columns }];
  });
}

/** Those about the rows of a table. */
export function rowRetentions(contract: Contract): Retention[] {
  return retentionsOf(contract).filter(({ columns }) => columns.length > 0);
}

/** How long releases are kept, in milliseconds before now; null where the contract does not say. */
export function releaseRetentionMs(contract: Contract, now: Date): number | null {
  const ages = retentionsOf(contract)
    .filter(({ columns }) => columns.length === 0)
    .map(({ duration }) => now.getTime() - subtractDuration(now, duration).getTime());
  return ages.length === 0 ? null : Math.min(...ages);
}

/** The day before which rows go: whole days, so that a table is written anew at most once a day. */
export function cutoffOf({ duration }: Retention, now: Date): Date {
  return new Date(Math.floor(subtractDuration(now, duration).getTime() / DAY_MS) * DAY_MS);
}

/** True for rows that are too old by every column named; a row that does not say its age stays. */
export function expiredSql(retention: Retention, now: Date): string {
  const day = cutoffOf(retention, now).toISOString().slice(0, 10);
  const tests = retention.columns.map(({ name, type }) => {
    const bound = { date: `DATE '${day}'`, timestamp: `TIMESTAMP '${day} 00:00:00'` }[type.kind as string];
    return `${quoteIdentifier(name)} < ${bound ?? `TIMESTAMPTZ '${day} 00:00:00+00'`}`;
  });
  return `(${tests.join(' AND ')})`;
}
