import { suggest } from '../contracts/suggest.ts';
import { type CronSchedule, readCron } from './cron-schedule.ts';

/** Something that starts a run. */
export type Trigger =
  /** A new release of any of these inputs, or one of each since the last run; null means every input. */
  | { kind: 'release'; of: 'any' | 'all'; datasets: string[] | null }
  | ({ kind: 'cron' } & CronSchedule)
  /** Nothing but somebody who asks. */
  | { kind: 'on demand' };

const FORMS = [
  'release of any input',
  'release of all inputs',
  'release of any of DOMAIN.PRODUCT.DATASET, …',
  'release of all of DOMAIN.PRODUCT.DATASET, …',
  '"0 6 * * 1" in Europe/Madrid',
  'on demand',
];
const SIMPLE = ['release of any input', 'release of all inputs', 'on demand'];
/** A major of a product that is not the current one has its number: `sales.sell-out@1.weeks`. */
const DATASET = /^[a-z][a-z0-9_-]{0,62}\.[a-z][a-z0-9_-]{0,62}(@\d{1,4})?\.[a-z][a-z0-9_-]{0,62}$/;
const MAX_DATASETS = 100;

/** The trigger of a `when` line, or what is wrong with it. */
export function readTrigger(value: string): Trigger | string {
  const plain = value.toLowerCase().replaceAll(/\s+/g, ' ');
  if (plain === 'on demand') return { kind: 'on demand' };
  if (plain === 'release of any input') return { kind: 'release', of: 'any', datasets: null };
  if (plain === 'release of all inputs') return { kind: 'release', of: 'all', datasets: null };
  const named = /^release of (any|all) of (.+)$/.exec(plain);
  if (named !== null) return readNamed(named[1] as 'any' | 'all', named[2] ?? '');
  if (/^["']/.test(value)) return readSchedule(value);
  const near = suggest(plain, SIMPLE);
  return `when is ${FORMS.map((form) => `\`${form}\``).join(', ')}${near === null ? '' : `; did you mean ${near}?`}`;
}

function readNamed(of: 'any' | 'all', list: string): Trigger | string {
  const datasets = list.split(',').map((name) => name.trim());
  const wrong = datasets.find((name) => !DATASET.test(name));
  if (wrong !== undefined) return `${wrong || 'nothing'} is no DOMAIN.PRODUCT.DATASET`;
  if (datasets.length > MAX_DATASETS) return `name at most ${MAX_DATASETS} datasets`;
  if (new Set(datasets).size < datasets.length) return 'a dataset is named twice';
  return { kind: 'release', of, datasets };
}

function readSchedule(value: string): Trigger | string {
  const found = /^(["'])([^"']*)\1(?:\s+in\s+(\S+))?$/.exec(value);
  if (found === null) return 'write a schedule as `"0 6 * * 1" in Europe/Madrid`';
  const schedule = readCron(found[2] ?? '', found[3] ?? 'UTC');
  return typeof schedule === 'string' ? schedule : { kind: 'cron', ...schedule };
}
