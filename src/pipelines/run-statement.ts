import type { EngineOutput, EngineResult, Relation } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';

/** Whose statement it is, and when to give up. */
export interface Worker {
  /** The domain that waits its turn in the engine's queue. */
  domain: string;
  signal: AbortSignal;
}

export interface Statement {
  sql: string;
  output: EngineOutput;
  relations: Relation[];
  files: string[];
  /** SQL of ours over files of ours: not guarded again. */
  trusted?: boolean;
}

/** Runs one statement of a pipeline with its time and memory. */
export function runStatement(
  { engine, settings }: Parts,
  { domain, signal }: Worker,
  { sql, output, relations, files, trusted }: Statement,
): Promise<EngineResult> {
  return engine.run(
    {
      // By name: what else the caller's objects hold does not go to another process.
      sql,
      output,
      relations,
      files,
      ...(trusted === undefined ? {} : { trusted }),
      timeoutMs: settings.pipelineMs,
      memoryBytes: settings.workerMemoryBytes,
      caller: `domain ${domain}`,
    },
    signal,
  );
}
