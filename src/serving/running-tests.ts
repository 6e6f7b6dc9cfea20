import { MeshError } from '../base/errors.ts';

interface RunningTest {
  principalId: string;
  stop: AbortController;
  progress: TestProgress;
}

export interface TestProgress {
  done: number;
  /** 0 until the contract's checks are known. */
  total: number;
}

/** Contract tests under way on this server: whoever started one sees how far it is and can cancel it. */
const running = new Map<string, RunningTest>();

export interface TestStart {
  id: string;
  principalId: string;
  signal: AbortSignal;
}

/** @throws MeshError `query.id-taken` */
export async function runTest<Result>(
  { id, principalId, signal }: TestStart,
  work: (signal: AbortSignal, onProgress: (done: number, total: number) => void) => Promise<Result>,
): Promise<Result> {
  if (running.has(id)) throw new MeshError('query.id-taken', { facts: { id } });
  const test: RunningTest = { principalId, stop: new AbortController(), progress: { done: 0, total: 0 } };
  running.set(id, test);
  try {
    return await work(AbortSignal.any([signal, test.stop.signal]), (done, total) => {
      test.progress = { done, total };
    });
  } finally {
    running.delete(id);
  }
}

/** A test of this caller; somebody else's does not exist for them. @throws MeshError `not-found` */
export function needRunningTest(id: string, principalId: string): RunningTest {
  const test = running.get(id);
  if (test?.principalId === principalId) return test;
  throw new MeshError('not-found', { facts: { what: `running contract test ${id}` } });
}
