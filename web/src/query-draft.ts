/** The SQL in work and what was run, for this browser tab only: signing out forgets both. */
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
