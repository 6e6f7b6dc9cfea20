/** What every benchmark is and gives; `run.ts` runs them and prints the table. */
export interface Bench {
  name: string;
  run(options: BenchOptions): Promise<Line[]>;
}

export interface BenchOptions {
  /** Small sizes: to see that everything runs, not what it costs. */
  quick: boolean;
}

/** One line of the table. */
export interface Line {
  /** What is measured, with its size. */
  subject: string;
  measured: string;
  yardstick: string;
  result: string;
  bar: string;
  ok: boolean | null;
}

export interface Comparison {
  subject: string;
  /** What the yardstick is, in a few words. */
  yardstick: string;
  subjectMs: number[];
  yardstickMs: number[];
  /** Most that the subject may take, as a multiple of the yardstick; null where none is promised. */
  bar: number | null;
  /** More about how the time of the subject is made up. */
  note?: string;
}

/** Medians, and the median of the ratios of neighbouring rounds: what disturbs the machine disturbs both. */
export function compared(comparison: Comparison): Line {
  const { subject, yardstick, subjectMs, yardstickMs, bar, note } = comparison;
  const ratios = subjectMs.map((elapsed, round) => elapsed / yardstickMs[round]!);
  const ratio = median(ratios);
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  return {
    subject: note === undefined ? subject : `${subject} (${note})`,
    measured: milliseconds(median(subjectMs)),
    yardstick: `${milliseconds(median(yardstickMs))}: ${yardstick}`,
    result: `${ratio.toFixed(2)}x (${spread})`,
    bar: bar === null ? '' : `<= ${bar.toFixed(2)}x`,
    ok: bar === null ? null : ratio <= bar,
  };
}

export interface Latencies {
  subject: string;
  elapsedMs: number[];
  /** Which percentile is held to the bar. */
  share: 0.5 | 0.95 | 0.99;
  barMs: number | null;
}

/** Percentiles of many rounds against a bar in milliseconds. */
export function latencies({ subject, elapsedMs, share, barMs }: Latencies): Line {
  const sorted = [...elapsedMs].sort((left, right) => left - right);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((one) => percentile(sorted, one));
  const held = percentile(sorted, share);
  return {
    subject,
    measured: `p50 ${milliseconds(p50!)}, p95 ${milliseconds(p95!)}, p99 ${milliseconds(p99!)}`,
    yardstick: '',
    result: `p${share * 100} ${milliseconds(held)}`,
    bar: barMs === null ? '' : `<= ${barMs} ms`,
    ok: barMs === null ? null : held <= barMs,
  };
}

export function percentile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return value >= 100
    ? `${value.toFixed(0)} ms`
    : value >= 1
      ? `${value.toFixed(1)} ms`
      : `${value.toFixed(3)} ms`;
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export interface Contest {
  rounds: number;
  /** Gives its time itself where not all of what it does counts. */
  subject(round: number): Promise<number>;
  yardstick(round: number): Promise<number>;
}

/** One round of each to warm up, then in turn, and every second round the other way about. */
export async function alternate(contest: Contest): Promise<{ subjectMs: number[]; yardstickMs: number[] }> {
  const subjectMs: number[] = [];
  const yardstickMs: number[] = [];
  for (let round = -1; round < contest.rounds; round++) {
    const subjectFirst = round % 2 === 0;
    if (subjectFirst) subjectMs.push(await contest.subject(round));
    yardstickMs.push(await contest.yardstick(round));
    if (!subjectFirst) subjectMs.push(await contest.subject(round));
  }
  return { subjectMs: subjectMs.slice(1), yardstickMs: yardstickMs.slice(1) };
}
