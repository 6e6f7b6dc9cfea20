import { CASES_OF_TABLE, casesOf, type FuzzCase } from './cases.ts';
import { Comparison, type Difference, type Tally } from './compare.ts';
import { describeCase } from './report.ts';
import { shrink } from './shrink.ts';

export interface Campaign {
  cases: number;
  /** Seed of the first table; the following tables have the following seeds. */
  seed: number;
  /** Called after each table. */
  progress?: (done: number) => void;
}

export interface Outcome {
  cases: number;
  tally: Tally;
  /** The first failing case, as small as it gets; `null` when all doors agreed everywhere. */
  failure: string | null;
}

/** Compares every door with the reference until a case differs. */
export async function fuzz({ cases, seed, progress }: Campaign): Promise<Outcome> {
  const comparison = await Comparison.open();
  try {
    for (let done = 0; done < cases; done += CASES_OF_TABLE) {
      const some = casesOf(seed + done / CASES_OF_TABLE).slice(0, cases - done);
      const compare = comparing(comparison, done / CASES_OF_TABLE);
      const [found] = await compare(some);
      if (found) {
        const failing = some.find(({ name }) => name === found.case)!;
        return { cases: done, tally: comparison.tally, failure: await smallest(compare, failing) };
      }
      progress?.(Math.min(done + CASES_OF_TABLE, cases));
    }
    return { cases, tally: comparison.tally, failure: null };
  } finally {
    await comparison.close();
  }
}

type Compare = (cases: FuzzCase[]) => Promise<Difference[]>;

/** Every twentieth table takes the whole way of a consumer's query too. */
function comparing(comparison: Comparison, table: number): Compare {
  return async (cases) => {
    const differences = await comparison.compare(cases);
    if (differences.length > 0 || table % 20 > 0) return differences;
    return comparison.compareEngine(cases);
  };
}

async function smallest(compare: Compare, failing: FuzzCase): Promise<string> {
  const differencesOf = (one: FuzzCase): Promise<Difference[]> => compare([one]);
  const small = await shrink(failing, async (one) => (await differencesOf(one)).length > 0);
  return describeCase(small, await differencesOf(small));
}
