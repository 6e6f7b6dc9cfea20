import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import type { Finding } from './finding.ts';
import type { Path } from './parse-document.ts';

export interface ShapeFinding extends Finding {
  /** The value is one of a closed list of words, on which depends what may stand beside it. */
  decides: boolean;
}

/** A Zod issue in the words of the document: one finding per unknown key, the fitting form of a union. */
export function issueFindings(issue: z.core.$ZodIssue, base: Path = []): ShapeFinding[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: 'key' as const,
      message: unknownKey(key, known),
      decides: false,
    }));
  }
  const form = issue.code === 'invalid_union' ? fittingForm(issue.errors) : undefined;
  if (form) return form.flatMap((inner) => issueFindings(inner, path));
  return [{ path, message: withSubject(issue.message, path), decides: issue.code === 'invalid_value' }];
}

/** The form whose kind (mapping, list, text) was right and whose content was not. */
function fittingForm(forms: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  return forms.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code !== 'invalid_type'),
  );
}

/** `must be text` and `is missing` read on from the key; other messages are sentences of their own. */
function withSubject(message: string, path: Path): string {
  if (!/^(must|is|has|needs) /.test(message) && !message.endsWith('is missing')) return message;
  const last = path.at(-1);
  if (last === undefined) return `the document ${message}`;
  if (typeof last === 'string') return `\`${last}\` ${message}`;
  return `item ${last + 1} of \`${String(path.at(-2))}\` ${message}`;
}

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

const MOST_NAMED = 12;

function unknownKey(key: string, known: string[]): string {
  const suggestion = suggest(key, known);
  if (suggestion) return `\`${key}\` is not a known key: did you mean \`${suggestion}\`?`;
  const named = known.slice(0, MOST_NAMED).join(', ');
  return `\`${key}\` is not a known key here; known are ${named}${known.length > MOST_NAMED ? ', …' : ''}`;
}

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
