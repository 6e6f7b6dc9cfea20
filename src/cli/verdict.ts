import { type Output, printTable } from './output.ts';

/** A subscription, or the own domain, with what it read. */
export interface Impact {
  subscription: string | null;
  domain: string;
  purpose: string | null;
  dataset: string;
  columns: string[];
  uses: number;
  lastUsedAt: string;
}

/** What a publication means for consumers, as the server judged it. */
export interface VersionVerdict {
  before: string | null;
  required: 'major' | 'minor' | 'patch' | null;
  changes: { dataset: string; class: string; code: string; message: string }[];
  impact: Impact[];
  warnings: { message: string; place?: string }[];
}

/** Prints each change with its class, the version they ask for, and who would feel the breaking ones. */
export function printVerdict(out: Output, version: string, verdict: VersionVerdict): void {
  const { before, required, changes, impact, warnings } = verdict;
  if (before !== null && changes.length > 0) {
    out.write(`\n${version}, compared with ${before}: a ${required ?? 'patch'} version\n`);
    printTable(
      out,
      ['class', 'dataset', 'code', 'what'],
      changes.map((change) => [change.class, change.dataset, change.code, change.message]),
    );
  }
  if (impact.length > 0) {
    out.write('\nread in the last 90 days:\n');
    printImpact(out, impact);
  }
  for (const { message, place } of warnings)
    out.say(`note: ${place === undefined ? '' : `${place} `}${message}\n`);
}

export function printImpact(out: Output, impact: Impact[]): void {
  printTable(
    out,
    ['domain', 'purpose', 'dataset', 'columns', 'uses', 'last use'],
    impact.map((one) => [
      one.domain,
      one.purpose ?? 'its own',
      one.dataset,
      one.columns.join(', '),
      String(one.uses),
      one.lastUsedAt,
    ]),
  );
}
