import { type ErrorCode } from '../base/error-table.ts';
import { MeshError, type Facts } from '../base/errors.ts';

/** One reason to refuse a statement; several are reported together. */
export interface Refusal {
  code: ErrorCode;
  facts: Facts;
}

export function refusal(code: ErrorCode, facts: Facts = {}): Refusal {
  return { code, facts };
}

/** The error for a list of refusals: the first gives the code, all are listed as problems. */
export function firstRefusal(refusals: Refusal[]): MeshError | null {
  const errors = refusals.map(({ code, facts }) => new MeshError(code, { facts }));
  const [first] = errors;
  if (!first) return null;
  const messages = [...new Set(errors.map((error) => error.message))];
  const problems = messages.length > 1 ? messages.map((message) => ({ message })) : [];
  return new MeshError(first.code, { facts: first.facts, problems });
}
