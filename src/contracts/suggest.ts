import { closest, distance } from 'fastest-levenshtein';

/** Names of earlier versions of ODCS and of other contract languages. */
const RENAMED: Record<string, string> = {
  isNullable: 'required',
  nullable: 'required',
  isUnique: 'unique',
  isPrimary: 'primaryKey',
  isPrimaryKey: 'primaryKey',
  columns: 'properties',
  fields: 'properties',
  dataset: 'schema',
  models: 'schema',
  column: 'name',
  quantumName: 'dataProduct',
  uuid: 'id',
  datasetName: 'name',
  servicelevels: 'slaProperties',
  scheduleCronExpression: 'schedule',
};

/** The candidate that was probably meant, or null. */
export function suggest(word: string, candidates: readonly string[]): string | null {
  const renamed = RENAMED[word];
  if (renamed !== undefined && candidates.includes(renamed)) return renamed;
  const letters = (text: string) => text.toLowerCase().replace(/[_-]/g, '');
  const same = candidates.find((candidate) => letters(candidate) === letters(word));
  if (same !== undefined || candidates.length === 0 || word.length > 100) return same ?? null;
  const nearest = closest(word, candidates);
  return distance(word, nearest) <= Math.max(1, Math.floor(word.length / 3)) ? nearest : null;
}

/** `; did you mean sales.sell-out?`, or what there is instead. */
export function meant(name: string, candidates: readonly string[]): string {
  const near = suggest(name, candidates);
  if (near !== null) return `; did you mean ${near}?`;
  if (candidates.length === 0) return '';
  const some = candidates.slice(0, 8).join(', ');
  return `; there ${candidates.length === 1 ? 'is' : 'are'} ${some}${candidates.length > 8 ? ', …' : ''}`;
}
