import { z } from 'zod';
import type { Verdict } from '../publication.ts';

/** Who reads what, from real use. */
export const IMPACT_VIEW = z.object({
  subscription: z.string().nullable().describe('null for the own domain'),
  domain: z.string(),
  purpose: z.string().nullable(),
  dataset: z.string(),
  columns: z.array(z.string()),
  uses: z.number().int().describe('queries and runs that read one of these columns'),
  lastUsedAt: z.string(),
});

/** What a publication changes for consumers, and whom, as every door shows it. */
export const VERDICT_VIEW = z.object({
  before: z.string().nullable().describe('the version that consumers rely on'),
  required: z.enum(['major', 'minor', 'patch']).nullable().describe('the part of the version that must rise'),
  changes: z.array(
    z.object({
      dataset: z.string(),
      class: z.enum(['breaking', 'compatible', 'cosmetic']),
      code: z.string(),
      message: z.string(),
      pointer: z.string(),
      place: z.string().nullable(),
      columns: z.array(z.string()).describe('the columns of the version before that are affected'),
    }),
  ),
  impact: z.array(IMPACT_VIEW).describe('who read in the last 90 days what these changes break'),
  warnings: z.array(z.object({ message: z.string(), place: z.string().optional() })),
});
export type VerdictView = z.output<typeof VERDICT_VIEW>;

export function viewVerdict({ before, required, changes, impact, warnings }: Verdict): VerdictView {
  return {
    before,
    required,
    changes: changes.map(({ tableColumns, ...change }) => ({ ...change, columns: [...tableColumns] })),
    impact,
    warnings: warnings.map(({ message, place }) => ({ message, ...(place === undefined ? {} : { place }) })),
  };
}
