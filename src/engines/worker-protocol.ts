import type { ErrorCode } from '../base/error-table.ts';
import { MeshError, type Facts, type Problem } from '../base/errors.ts';
import type { Bindings, EngineResult, EngineTask, ParsedQuery } from './engine.ts';
import type { Share } from './duckdb-task.ts';

/** What the pool sends to a worker. One `run` at a time; `parse` may come while one is under way. */
export type Request =
  | { id: number; kind: 'parse'; sql: string; bindings?: Bindings }
  | { id: number; kind: 'run'; task: EngineTask; share: Share }
  /** Stops the run under way; its answer is then an error. */
  | { id: number; kind: 'interrupt' };

/** What a worker sends back. */
export type Reply =
  | { kind: 'ready' }
  | { kind: 'done'; id: number; value: ParsedQuery | EngineResult; dataBytes: number }
  | { kind: 'failed'; id: number; error: ErrorMessage; dataBytes: number };

/** A MeshError as a message; `cause` stays where it happened. */
export interface ErrorMessage {
  code: ErrorCode;
  facts: Facts;
  problems: Problem[];
  detail: string | undefined;
}

export function packError({ code, facts, problems, detail }: MeshError): ErrorMessage {
  return { code, facts, problems, detail };
}

export function unpackError({ code, facts, problems, detail }: ErrorMessage): MeshError {
  return new MeshError(code, { facts, problems, ...(detail === undefined ? {} : { detail }) });
}
