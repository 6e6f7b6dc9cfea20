import type { z } from 'zod';
import { ExactNumber } from './exact-number.ts';
import { suggest } from './suggest.ts';

const WANTED: Record<string, string> = {
  string: 'text',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

/** Zod's error map for documents: what the value must be and what stands there, in words of YAML. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(WANTED[issue.expected] ?? issue.expected, issue.input);
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : describeWord(issue.input, issue.values.map(String));
    case 'invalid_union':
      return issue.input === undefined
        ? 'is missing'
        : `has ${found(issue.input)}, which is none of the forms allowed`;
    default:
      return undefined;
  }
}

const MOST_NAMED = 12;

function describeWord(input: unknown, words: string[]): string {
  const meant = typeof input === 'string' ? suggest(input, words) : null;
  if (meant) return `${found(input)} is not known: did you mean \`${meant}\`?`;
  const named = words.slice(0, MOST_NAMED).join(', ');
  return `${found(input)} is not one of ${named}${words.length > MOST_NAMED ? ', …' : ''}`;
}

function describeType(wanted: string, input: unknown): string {
  if (input === undefined) return 'is missing';
  if (input === null) return `must be ${wanted} and is empty: fill it in or remove the key`;
  const hint = wanted === 'text' && isScalar(input) ? ': put it in quotes' : '';
  return `must be ${wanted}, found ${found(input)}${hint}`;
}

function isScalar(input: unknown): boolean {
  return typeof input === 'number' || typeof input === 'boolean' || input instanceof ExactNumber;
}

function found(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (input instanceof ExactNumber || typeof input === 'number') return `the number ${String(input)}`;
  if (typeof input === 'object') return 'a mapping';
  if (typeof input === 'string') return `\`${input.length > 60 ? `${input.slice(0, 60)}…` : input}\``;
  return `\`${String(input)}\``;
}
