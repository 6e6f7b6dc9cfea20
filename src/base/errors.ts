import { ERRORS, type ErrorCode } from './error-table.ts';

/** One thing wrong with an input. All problems of an input are reported at once. */
export interface Problem {
  /** What is wrong and what to do, in one sentence without a full stop. */
  message: string;
  /** `file:line:column` for documents, absent for JSON bodies. */
  place?: string;
  /** JSON pointer (RFC 6901) into the document or the request body. */
  pointer?: string;
}

export type Facts = Record<string, string | number | boolean | null | string[]>;

export interface MeshErrorOptions {
  /** Fills the message's `{placeholders}`; public. */
  facts?: Facts;
  problems?: Problem[];
  /** For the log only; never leaves by a door. */
  detail?: string;
  cause?: unknown;
}

/**
 * The one error of the mesh: thrown once where the fact is known, translated once at the door.
 * `message`, `facts` and `problems` are public; `detail` and `cause` go to the log.
 */
export class MeshError extends Error {
  readonly code: ErrorCode;
  readonly facts: Facts;
  readonly problems: Problem[];
  readonly detail: string | undefined;

  constructor(code: ErrorCode, options: MeshErrorOptions = {}) {
    super(fillIn(ERRORS[code].message, options.facts ?? {}), { cause: options.cause });
    this.name = 'MeshError';
    this.code = code;
    this.facts = options.facts ?? {};
    this.problems = options.problems ?? [];
    this.detail = options.detail;
  }

  /** The HTTP status of this error (RFC 9110 §15). */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** What the caller can do about it. */
  get fix(): string {
    return fillIn(ERRORS[this.code].fix, this.facts);
  }
}

export function isMeshError(error: unknown, code?: ErrorCode): error is MeshError {
  return error instanceof MeshError && (code === undefined || error.code === code);
}

/** Any thrown value as a MeshError: what we do not know becomes `internal` and keeps its cause for the log. */
export function toMeshError(error: unknown): MeshError {
  if (error instanceof MeshError) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new MeshError('internal', { detail, cause: error });
}

function fillIn(template: string, facts: Facts): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const fact = facts[name];
    if (fact === undefined) return whole;
    return Array.isArray(fact) ? fact.join(', ') : String(fact);
  });
}
