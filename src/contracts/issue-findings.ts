import type { z } from 'zod';
import type { Finding } from './finding.ts';
import type { Path } from './parse-document.ts';
import { suggest } from './suggest.ts';

export interface ShapeFinding extends Finding {
  /** The value is one of a closed list of words, on which depends what may stand beside it. */
  decides: boolean;
  /** Text was wanted: at the root an empty one stands in, so that the rest can be judged. */
  wantsText?: boolean;
}

/** A Zod issue in the words of the document: one finding per unknown key, the fitting form of a union. */
export function issueFindings(issue: z.core.$ZodIssue, base: Path = []): ShapeFinding[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      at: 'key' as const,
      message: index < MOST_SUGGESTED ? unknownKey(key, known) : `\`${key}\` is not a known key here`,
      decides: false,
    }));
  }
  const isForm = issue.code === 'invalid_union' && issue.message !== 'is missing';
  const form = isForm ? fittingForm(issue.errors) : undefined;
  if (form) return form.flatMap((inner) => issueFindings(inner, path));
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  const decides = issue.code === 'invalid_value';
  const at = issue.code === 'custom' && issue.params?.at === 'key' ? 'key' : 'value';
  return [{ path, at, message: withSubject(issue.message, path), decides, wantsText }];
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

/** Looking for what was meant costs; nobody slips so often in one mapping. */
const MOST_SUGGESTED = 100;
const MOST_NAMED = 12;

function unknownKey(key: string, known: string[]): string {
  const suggestion = suggest(key, known);
  if (suggestion) return `\`${key}\` is not a known key: did you mean \`${suggestion}\`?`;
  const named = known.slice(0, MOST_NAMED).join(', ');
  return `\`${key}\` is not a known key here; known are ${named}${known.length > MOST_NAMED ? ', …' : ''}`;
}
