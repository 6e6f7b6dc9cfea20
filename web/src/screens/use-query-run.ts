import { useRef, useState } from 'react';
import { ApiError, downloadQuery, runQuery } from '../api.ts';
import type { QueryResult } from '../api-types.ts';
import { readRecent, rememberQuery } from '../query-draft.ts';
import { saveFile } from '../save-file.ts';

/** Rows asked for on screen; a download has no such limit. */
export const SCREEN_ROWS = 10_000;

type Outcome =
  | { state: 'idle' }
  | { state: 'cancelled' }
  | { state: 'running' }
  | { state: 'done'; result: QueryResult }
  | { state: 'refused'; error: unknown };

export type FileFormat = 'csv' | 'parquet';

/** The purposes the API offers when several subscriptions would apply; empty for any other refusal. */
function purposesIn(error: unknown): string[] {
  const purposes = error instanceof ApiError ? error.facts.purposes : undefined;
  return Array.isArray(purposes) ? purposes.filter((purpose) => typeof purpose === 'string') : [];
}

const placeOf = (outcome: Outcome): string | null =>
  outcome.state === 'refused' && outcome.error instanceof ApiError
    ? (outcome.error.problems.find(({ place }) => place !== undefined)?.place ?? null)
    : null;

/** One query at a time: a new one takes the place of the one before, on the server too. */
export function useQueryRun() {
  const [outcome, setOutcome] = useState<Outcome>({ state: 'idle' });
  const [sql, setSql] = useState('');
  const [purposes, setPurposes] = useState<string[]>([]);
  const [purpose, choosePurpose] = useState<string | null>(null);
  const [recent, setRecent] = useState(readRecent);
  const running = useRef<AbortController | null>(null);

  async function run(text: string) {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    setSql(text);
    setOutcome({ state: 'running' });
    setRecent((before) => rememberQuery(text.trim(), before));
    try {
      const input = { sql: text, limit: SCREEN_ROWS, ...(purpose !== null && { purpose }) };
      const result = await runQuery(input, control.signal);
      if (running.current === control) setOutcome({ state: 'done', result });
    } catch (error) {
      if (control.signal.aborted) return;
      const offered = purposesIn(error);
      if (offered.length > 0) setPurposes(offered);
      setOutcome({ state: 'refused', error });
    }
  }

  function cancel() {
    running.current?.abort();
    setOutcome({ state: 'cancelled' });
  }

  async function download(format: FileFormat) {
    const input = { sql, format, ...(purpose !== null && { purpose }) };
    saveFile(await downloadQuery(input, new AbortController().signal), `crossdock-query.${format}`);
  }

  return {
    ...outcome,
    sql,
    place: placeOf(outcome),
    purposes,
    purpose,
    choosePurpose,
    recent,
    run: (text: string) => void run(text),
    cancel,
    download,
  };
}
