/** The time as a part that tests may replace; everything else in a test is real. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** ISO 8601 in UTC with milliseconds: the only form in which a time leaves the mesh. */
export function isoTime(time: Date): string {
  return time.toISOString();
}
