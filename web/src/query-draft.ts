import { BASKET_KEY } from './basket.ts';

/** The SQL in work and what was run, for this browser tab and the person signed in only. */
const PERSON = 'crossdock.query.person';
const DRAFT = 'crossdock.query.draft';
const RECENT = 'crossdock.query.recent';
const KEEP = 20;

export const readDraft = (): string => sessionStorage.getItem(DRAFT) ?? '';
export const writeDraft = (sql: string): void => sessionStorage.setItem(DRAFT, sql);

export function readRecent(): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(RECENT) ?? '[]');
    return Array.isArray(kept) ? kept.filter((sql) => typeof sql === 'string') : [];
  } catch {
    return [];
  }
}

/** Puts what was just run first; the same text is kept once. */
export function rememberQuery(sql: string, before: string[]): string[] {
  const recent = [sql, ...before.filter((kept) => kept !== sql)].slice(0, KEEP);
  sessionStorage.setItem(RECENT, JSON.stringify(recent));
  return recent;
}

/** What one person typed is not for the next; who comes back after their session ended finds it again. */
export function keepDraftsOf(person: string | null): void {
  if (person !== null && sessionStorage.getItem(PERSON) === person) return;
  for (const key of [DRAFT, RECENT, PERSON, BASKET_KEY]) sessionStorage.removeItem(key);
  if (person !== null) sessionStorage.setItem(PERSON, person);
}
