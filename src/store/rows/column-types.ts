import type { ColumnType } from 'kysely';

/** jsonb: read as a value, written as JSON text by `json()` in database.ts. */
export type Json<Value = unknown> = ColumnType<Value, unknown, unknown>;
export type Time = ColumnType<Date, Date, Date>;
export type NullableTime = ColumnType<Date | null, Date | null | undefined, Date | null>;
