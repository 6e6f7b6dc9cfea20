import type { CheckResult } from './api-types.ts';

export type RunState =
  'waiting' | 'queued' | 'running' | 'released' | 'blocked' | 'failed' | 'cancelled' | 'skipped';

const OPEN: RunState[] = ['waiting', 'queued', 'running'];

export function isOpen({ state }: { state: RunState }): boolean {
  return OPEN.includes(state);
}

export interface RunCheck extends CheckResult {
  sample: { columns: string[]; rows: unknown[][] } | null;
}

export interface Run {
  id: string;
  dataset: string;
  state: RunState;
  trigger: string;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  rows: number | null;
  parameters: Record<string, string | null>;
  /** How it wrote, and how many rows of the table are new, changed, gone or as they were. */
  written: {
    mode?: string;
    inserted?: number;
    updated?: number;
    deleted?: number;
    unchanged?: number;
  } | null;
  error: { code: string; message: string; fix: string } | null;
  checks: RunCheck[];
}

export interface RunStep {
  id: string;
  dataset: string;
  /** Of a backfill. */
  value: string | null;
  state: RunState;
  rows: number | null;
  /** Datasets whose runs come before it. */
  needs: string[];
  waitsFor: string | null;
  message: string | null;
}

export interface RunPhase {
  name: 'read' | 'write' | 'check' | 'release';
  attempt: number;
  startedAt: string;
  finishedAt: string | null;
}

export interface RunDetails extends Run {
  snapshotId: string | null;
  attempt: number;
  scheduledFor: string | null;
  release: number | null;
  durationMs: number | null;
  waitsFor: string | null;
  inputs: {
    dataset?: string;
    release?: number;
    snapshot?: string;
    source?: string;
    table?: string;
    files?: number;
    rows?: number | null;
  }[];
  phases: RunPhase[];
  log: { at: string; text: string }[];
  group: { id: string; product: string; state: RunState; steps: RunStep[] };
  /** Steps that are further away than those listed. */
  stepsLeftOut: number;
}
