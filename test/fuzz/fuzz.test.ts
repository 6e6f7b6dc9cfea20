import { expect, test } from 'vitest';
import { casesOf } from './cases.ts';
import { Comparison } from './compare.ts';
import { describeCase } from './report.ts';
import { fuzz } from './fuzz.ts';
import { shrink } from './shrink.ts';

test('the reference, DuckDB, Trino, Iceberg and Delta agree on 2,000 cases', async () => {
  const { failure, tally } = await fuzz({ cases: 2_000, seed: 1 });
  expect(failure).toBeNull();
  // A door that refuses everything would agree with anything.
  const least = {
    duckdb: 1_800,
    trino: 1_800,
    'iceberg filter': 2_000,
    'iceberg read-restrictions': 500,
    delta: 200,
    engine: 80,
  };
  for (const [door, count] of Object.entries(least)) expect(tally[door], door).toBeGreaterThanOrEqual(count);
});

test('a failing case is made small and told with its seed', async () => {
  const comparison = await Comparison.open();
  const faults = { iceberg: (json: string) => json.replaceAll('"is-null"', '"not-null"') };
  const differ = async (some: Parameters<typeof comparison.compare>[0]) =>
    (await comparison.compare(some, faults, 'iceberg')).map((difference) => difference.case);
  let failing;
  for (let seed = 1; failing === undefined; seed++) {
    const cases = casesOf(seed);
    const [name] = await differ(cases);
    failing = cases.find((one) => one.name === name);
  }
  const small = await shrink(failing, async (one) => (await differ([one])).length > 0);
  expect(small.table.rows).toHaveLength(1);
  expect(describeCase(small, [])).toMatch(
    new RegExp(`--seed ${failing.name.split(':')[0]}\\n[^]*is (not )?null`),
  );
  await comparison.close();
});
