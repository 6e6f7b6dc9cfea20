import { isoTime } from '../base/clock.ts';
import type { Parts } from '../identity/context.ts';
import type { DiaryFacts, Phase } from './diary-facts.ts';
import { type PipelineRun, saveDiary } from './store.ts';

/** All attempts together; a page shows no more, and the row stays small. */
const MOST_LINES = 200;
const MOST_PHASES = 60;
const LONGEST_LINE = 500;

/** Follows one run while it works. It is written at the begin of each phase and with the end of the run. */
export class RunDiary {
  readonly #parts: Parts;
  readonly #run: PipelineRun;
  #facts: DiaryFacts;

  /** Goes on from what earlier attempts have left. */
  constructor(parts: Parts, run: PipelineRun) {
    this.#parts = parts;
    this.#run = run;
    this.#facts = { phases: run.phases, log: run.log };
  }

  /** Does the work of a phase, whose begin is seen at once. */
  async during<Result>(name: Phase['name'], work: () => Promise<Result>): Promise<Result> {
    const startedAt = this.#now();
    const phase: Phase = { name, attempt: this.#run.attempt, startedAt, finishedAt: null };
    this.#facts.phases = [...this.#facts.phases, phase].slice(-MOST_PHASES);
    await this.#parts.database.transact((transaction) =>
      saveDiary(transaction, { id: this.#run.id, ...this.#facts }),
    );
    const result = await work();
    phase.finishedAt = this.#now();
    return result;
  }

  note(text: string): void {
    this.#facts = this.with(text);
  }

  /** The diary with a last line, its phases ended: for the row of a run that ends, or is put back. */
  with(text: string): DiaryFacts {
    const line = {
      at: this.#now(),
      text: text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text,
    };
    return { phases: this.#facts.phases, log: [...this.#facts.log, line].slice(-MOST_LINES) };
  }

  /** The same, for the end of the phase that is under way. */
  ended(text: string): DiaryFacts {
    const { phases, log } = this.with(text);
    const last = phases.at(-1);
    if (last === undefined || last.finishedAt !== null) return { phases, log };
    return { phases: [...phases.slice(0, -1), { ...last, finishedAt: this.#now() }], log };
  }

  #now(): string {
    return isoTime(this.#parts.clock.now());
  }
}

/** An input's record, as people read it. */
export function inputText(record: object): string {
  const { dataset, release, source, table, files, rows } = record as Record<
    string,
    string | number | undefined
  >;
  const counted = typeof rows === 'number' ? `, ${countOf(rows, 'row')}` : '';
  if (dataset !== undefined) return `reads ${dataset}: release ${release}${counted}`;
  return `reads ${table} of ${source}: ${countOf(Number(files), 'file')}${counted}`;
}

/** `1 row`, `2 rows`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
