import { parentPort } from 'node:worker_threads';
import * as polyglot from '@polyglot-sql/sdk';
import type { TraceRequest } from './trace-model.ts';
import { tablesOnly } from './trace-model.ts';
import { traceSql } from './trace-sql.ts';

/** A thread of its own: a statement that keeps the library busy must not keep the server from answering. */
parentPort?.on('message', ({ id, request }: { id: number; request: TraceRequest }) => {
  parentPort?.postMessage({ id, traced: trace(request) });
});

/** A library that gives up on a statement says nothing about it, and that is all. */
function trace(request: TraceRequest) {
  try {
    return traceSql(polyglot, request);
  } catch {
    return tablesOnly(request, ['a statement that the lineage library fails on']);
  }
}
