import type { IncidentKind } from '../store/rows/incidents.ts';

/** What an incident of each kind means for whoever reads the dataset. Public. */
export const MEANINGS: Record<IncidentKind, string> = {
  overdue: 'The rows are older than the contract promises. They are right as of their release.',
  'checks-failed':
    'New rows broke a promise of the contract and were held back. You read the last good release.',
  'run-failed': 'The last run of its pipeline failed. You read the last good release.',
  deviation: 'The release passed its checks, but it is not like the ones before. Look before you rely on it.',
  'source-drift': 'A source changed its structure. The release you read was made before or in spite of it.',
  'access-drift':
    'What can be read is not what was granted. Rows may be missing, or shown to whom they are not granted.',
};

/** How many names a summary lists before it counts the rest. */
const MOST_NAMES = 3;

/** `A; B; C and 2 more`. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join('; ');
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Titles of checks stand in the contract: they are public, the failing rows are not. */
export function checksFailedSummary(titles: readonly string[]): string {
  const count = titles.length === 1 ? '1 check' : `${titles.length} checks`;
  return `${count} held back the last run: ${someOf(titles)}`;
}

/** The error is for the producers: it may name files, tables of sources and values. */
export const RUN_FAILED_SUMMARY = 'the last run of its pipeline failed';

/** The columns of a source are its domain's own business. */
export const SOURCE_DRIFT_SUMMARY = 'a source changed its structure';

/** Which grant and what of it is for the producers. */
export const ACCESS_DRIFT_SUMMARY = 'a canary found that what can be read is not what was granted';
