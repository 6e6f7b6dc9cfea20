import { isoTime } from '../base/clock.ts';
import type { Column } from '../base/data-type.ts';
import { addDuration, type Duration, parseDuration, printDuration } from '../contracts/duration.ts';
import { customValue } from '../contracts/model-elements.ts';
import type { Contract } from '../contracts/odcs.ts';
import { describeServiceLevels, type ServiceLevel } from '../contracts/sla-properties.ts';

/** What is known of a dataset when its next deadline is computed. */
export interface DatasetTimes {
  /** Of the last release; null before the first. */
  releasedAt: Date | null;
  /** Since when the product is offered: what is never released is late from then on. */
  publishedAt: Date | null;
  /** The newest value of date and time columns as of the last release, by column name, as observed. */
  newest: Record<string, string>;
}

/** The moment from which a dataset is late, and what it then is. */
export interface Deadline {
  at: Date;
  /** One public sentence without a full stop. */
  promise: string;
}

/** The custom property of a contract that gives another grace than {@link GRACE}. */
export const OVERDUE_GRACE = 'overdueGrace';

/**
 * A `frequency` means calendar days and working hours to whoever writes it, not milliseconds: a nightly run
 * that takes a little longer than yesterday's is not late.
 */
const GRACE = { share: 0.1, mostMs: 6 * 3_600_000 };
const DAY_MS = 86_400_000;

/** The first moment at which the contract is broken if nothing is released until then; null when nothing can be late. */
export function nextDeadline(contract: Contract, times: DatasetTimes): Deadline | null {
  const deadlines = describeServiceLevels(contract).flatMap((level) => deadlinesOf(contract, level, times));
  return deadlines.reduce<Deadline | null>(
    (first, one) => (first === null || one.at < first.at ? one : first),
    null,
  );
}

/** Columns of date or time whose newest value a contract's latency or freshness is about. */
export function timeColumns(contract: Contract): Column[] {
  return describeServiceLevels(contract)
    .filter(({ property, fault }) => fault === null && (property === 'latency' || property === 'freshness'))
    .flatMap(({ columns }) => columns)
    .filter(({ type }) => isTime(type.kind));
}

function isTime(kind: string): boolean {
  return kind === 'date' || kind === 'timestamp' || kind === 'timestamptz';
}

function deadlinesOf(contract: Contract, level: ServiceLevel, times: DatasetTimes): Deadline[] {
  if (level.fault !== null || level.value?.kind !== 'duration') return [];
  const { duration } = level.value;
  const since = times.releasedAt ?? times.publishedAt;
  const columns = level.columns.filter(({ type }) => isTime(type.kind));
  switch (level.property) {
    case 'frequency':
      if (since === null) return [];
      return [
        {
          at: new Date(addDuration(since, duration).getTime() + graceOf(contract, since, duration)),
          promise: `${sinceWhen(times, since)}, where the contract promises one within ${printDuration(duration)}`,
        },
      ];
    case 'freshness':
    case 'latency':
      if (columns.length > 0) return columns.flatMap((column) => columnDeadline(column, duration, times));
      // What a latency without an element is counted from, nobody but its author knows.
      if (level.property === 'latency' || since === null) return [];
      return [
        {
          at: addDuration(since, duration),
          promise: `${sinceWhen(times, since)}, where the contract promises data of at most ${printDuration(duration)}`,
        },
      ];
    default:
      return [];
  }
}

function sinceWhen({ releasedAt }: DatasetTimes, since: Date): string {
  const minute = `${isoTime(since).slice(0, 16).replace('T', ' ')} UTC`;
  return releasedAt === null
    ? `nothing was released since it is offered, ${minute}`
    : `no release since ${minute}`;
}

/** The newest value itself is for those who may see the column: the promise does not name it. */
function columnDeadline(column: Column, duration: Duration, { newest }: DatasetTimes): Deadline[] {
  const value = newestMoment(newest[column.name]);
  if (value === null) return [];
  const promise = `the newest ${column.name} is older than the ${printDuration(duration)} that the contract promises`;
  return [{ at: addDuration(value, duration), promise }];
}

/** A day is over at its end: data of yesterday are no day old in the morning. Times without a zone are UTC. */
function newestMoment(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = new Date(isDay ? text : `${text.replace(' ', 'T').replace(/(Z|[+-]\d{2}(:?\d{2})?)$/, '')}Z`);
  if (Number.isNaN(time.getTime())) return null;
  return isDay ? new Date(time.getTime() + DAY_MS) : time;
}

function graceOf(contract: Contract, since: Date, duration: Duration): number {
  const asked = customValue(contract.customProperties, OVERDUE_GRACE);
  const given = typeof asked === 'string' ? parseDuration(asked) : undefined;
  if (given !== undefined && !('fault' in given))
    return addDuration(since, given).getTime() - since.getTime();
  return Math.min(GRACE.mostMs, (addDuration(since, duration).getTime() - since.getTime()) * GRACE.share);
}
