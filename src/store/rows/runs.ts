import type { ColumnType, Generated } from 'kysely';
import type { Json, NullableTime, Time } from './column-types.ts';

type GeneratedJson = ColumnType<unknown[], unknown, unknown>;

/** `waiting`: for the steps before it; `queued`: for a worker. */
export type RunState =
  'waiting' | 'queued' | 'running' | 'released' | 'blocked' | 'failed' | 'cancelled' | 'skipped';

/** When a step starts that waits: all it needs released, or ended and its triggers say so, or simply ended. */
export type StepStart = 'released' | 'triggered' | 'ended';

export interface RunRow {
  id: string;
  dataset_id: string;
  state: RunState;
  trigger: string;
  requested_by: string;
  queued_at: Time;
  started_at: NullableTime;
  finished_at: NullableTime;
  snapshot_id: string | null;
  rows: number | null;
  inputs: Json<unknown[]>;
  checks: Json<unknown[]>;
  error: Json<Record<string, unknown> | null>;
  /** Values of its parameters by name: those it was given, and when it has ended those it ran with. */
  parameters: ColumnType<Record<string, string | null>, unknown, unknown>;
  /** How it wrote, and how many rows of the table it changed. */
  written: Json<Record<string, unknown> | null>;
  cancel_requested: Generated<boolean>;
  group_id: string;
  starts: StepStart;
  /** Of a backfill: the value of the parameter that it runs through. */
  backfill_value: ColumnType<string | null, string | null | undefined, never>;
  attempt: Generated<number>;
  /** Why it does not run yet, in words. */
  held_by: ColumnType<string | null, string | null | undefined, string | null>;
  /** The tick of the schedule that started it. */
  scheduled_for: NullableTime;
  phases: GeneratedJson;
  log: GeneratedJson;
}

/** What one product runs in a round. */
export interface RunGroupRow {
  id: string;
  /** Groups with the same round were started by each other. */
  round_id: string;
  product_id: string;
  trigger: string;
  requested_by: string;
  created_at: Time;
}

export interface RunNeedRow {
  run_id: string;
  needs_run_id: string;
}

export interface UnreadReleaseRow {
  dataset_id: string;
  input_dataset_id: string;
  number: number;
  at: Time;
}

export interface ScheduleRow {
  dataset_id: string;
  expression: string;
  zone: string;
  next_at: Time;
}
