import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { Recent } from '../../base/recent.ts';
import { tablesOnly, type TraceRequest, type Traced } from './trace-model.ts';

/** The most demanding pipeline of the blueprint takes a tenth of it. */
const TRACE_MS = 10_000;
/** Answers kept: an apply asks again, inside its transaction, for what it asked before it. */
const KEPT = 1_000;
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './trace-worker.ts' : './trace-worker.js',
  import.meta.url,
);

/**
 * Traces one statement. Never fails: what cannot be traced, or not in time, is answered by its tables. The
 * library is loaded by the first call, into one thread of the process that keeps nobody from exiting.
 */
export function traceColumns(request: TraceRequest): Promise<Traced> {
  const key = createHash('sha256').update(JSON.stringify(request)).digest('base64');
  const known = answers.get(key);
  if (known !== undefined) return known;
  // One after the other: a statement's time begins when the one before it has ended.
  const answer = turn.then(() => ask(request));
  turn = answer;
  answers.set(key, answer);
  return answer;
}

const answers = new Recent<string, Promise<Traced>>(KEPT);
let turn: Promise<unknown> = Promise.resolve();
let worker: Worker | null = null;
let lastId = 0;

function ask(request: TraceRequest): Promise<Traced> {
  const id = ++lastId;
  const thread = (worker ??= start());
  return new Promise((resolve) => {
    const end = (traced: Traced, broken: boolean) => {
      clearTimeout(timer);
      thread.off('message', hear);
      thread.off('exit', died);
      if (broken && worker === thread) {
        worker = null;
        void thread.terminate();
      }
      resolve(traced);
    };
    const hear = (reply: { id: number; traced: Traced }) => {
      if (reply.id === id) end(reply.traced, false);
    };
    const died = () => end(tablesOnly(request, ['a statement that the lineage library fails on']), true);
    const late = () => end(tablesOnly(request, ['a statement that takes too long to trace']), true);
    const timer = setTimeout(late, TRACE_MS);
    thread.on('message', hear);
    thread.once('exit', died);
    thread.postMessage({ id, request });
  });
}

function start(): Worker {
  const thread = new Worker(WORKER, { env: {}, resourceLimits: { maxOldGenerationSizeMb: 512 } });
  thread.unref();
  // An error ends the thread; its `exit` is what the waiting call hears.
  thread.on('error', () => undefined);
  return thread;
}
