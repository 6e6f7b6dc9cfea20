/** One measured value of the past. */
export interface Past {
  value: number;
  /** Of the release it was measured of. */
  at: Date;
}

/** Between which values the next one is nothing special. */
export interface UsualRange {
  low: number;
  high: number;
  median: number;
  /** Values it was made from; of one weekday where weekdays differ. */
  count: number;
  weekday: boolean;
}

export interface RangeRules {
  /** With fewer values in the past it says nothing. */
  minimumHistory: number;
  /** Width of the range to each side, in robust standard deviations. */
  deviations: number;
  /** The range is at least this share of the median wide to each side … */
  relativeFloor: number;
  /** … and at least this much. */
  absoluteFloor: number;
}

/** Makes the median absolute deviation of normally distributed values their standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** Values of one weekday that are needed before the weekday counts. */
const LEAST_OF_A_WEEKDAY = 4;
/** How much narrower the values of single weekdays must be than all together before the weekday counts. */
const WEEKDAY_EXPLAINS = 0.5;

/**
 * The usual range of a value: the median of the past and its median absolute deviation, which some outliers do
 * not move. Where weekdays explain most of the differences, the past of the same weekday. Null when the past is
 * too short. The order of the past does not matter; a past of equal values never excludes that value.
 */
export function usualRange(past: readonly Past[], at: Date, rules: RangeRules): UsualRange | null {
  if (past.length < rules.minimumHistory || past.length === 0) return null;
  const sameDay = past.filter((one) => weekdayOf(one.at) === weekdayOf(at));
  const weekday = sameDay.length >= LEAST_OF_A_WEEKDAY && weekdaysExplain(past);
  const values = (weekday ? sameDay : past).map(({ value }) => value);
  const middle = median(values);
  const spread = MAD_TO_SIGMA * medianDeviation(values, middle);
  const reach = Math.max(
    rules.deviations * spread,
    rules.relativeFloor * Math.abs(middle),
    rules.absoluteFloor,
  );
  return { low: middle - reach, high: middle + reach, median: middle, count: values.length, weekday };
}

/** Whether values differ from their weekday's median much less than from the median of all. */
function weekdaysExplain(past: readonly Past[]): boolean {
  const all = past.map(({ value }) => value);
  const overall = medianDeviation(all, median(all));
  if (overall === 0) return false;
  const days = [...Map.groupBy(past, ({ at }) => weekdayOf(at)).values()];
  if (days.length < 2) return false;
  const within = days.flatMap((group) => {
    const values = group.map(({ value }) => value);
    const middle = median(values);
    return values.map((value) => Math.abs(value - middle));
  });
  return median(within) <= WEEKDAY_EXPLAINS * overall;
}

function weekdayOf(time: Date): number {
  return time.getUTCDay();
}

/** The middle value, or the mean of the two in the middle; of at least one value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The median distance from the middle. */
export function medianDeviation(values: readonly number[], middle: number): number {
  return median(values.map((value) => Math.abs(value - middle)));
}
