/** What a run wrote: how, and how many rows of the table are new, changed, gone or as they were. */
export type Written = { mode?: string } & Partial<Record<(typeof COUNTS)[number], number>>;

const COUNTS = ['inserted', 'updated', 'deleted', 'unchanged'] as const;

/** `merge: 2 inserted, 1 deleted`; nothing of a run that wrote nothing. */
export function writtenText(written: Written | null): string {
  if (written?.mode === undefined) return '';
  const parts = COUNTS.filter((name) => (written[name] ?? 0) > 0).map((name) => `${written[name]} ${name}`);
  return `${written.mode}: ${parts.length === 0 ? 'no row changed' : parts.join(', ')}`;
}

/** `day=2024-01-01 region=NULL`. */
export function parametersText(parameters: Record<string, string | null>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value ?? 'NULL'}`)
    .join(' ');
}
