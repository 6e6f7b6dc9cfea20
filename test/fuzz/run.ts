/** `npm run fuzz -- --cases 200000 --seed 1`: the reference and every door on generated tables and policies. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '200000' }, seed: { type: 'string', default: '1' } },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed)) {
  console.error('--cases and --seed are whole numbers');
  process.exit(64);
}

const started = performance.now();
let told = started;
const {
  failure,
  tally,
  cases: done,
} = await fuzz({
  cases,
  seed,
  progress: (count) => {
    const now = performance.now();
    if (now - told < 5_000) return;
    told = now;
    const minutes = ((now - started) / 60_000) * (cases / count - 1);
    console.error(`${count} of ${cases} cases, ${minutes.toFixed(1)} minutes left`);
  },
});
const seconds = ((performance.now() - started) / 1_000).toFixed(1);
const doors = Object.entries(tally).map(([door, count]) => `${door} ${count}`);
console.log(`${done} cases from seed ${seed} in ${seconds} s: ${doors.join(', ')}`);
console.log(failure ?? '0 differences');
process.exit(failure === null ? 0 : 1);
