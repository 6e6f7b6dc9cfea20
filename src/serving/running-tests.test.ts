import { expect, test } from 'vitest';
import { needRunningTest, runTest } from './running-tests.ts';

const ID = 'qry_0123456789';
const start = { id: ID, principalId: 'me', signal: new AbortController().signal };

test('a running test shows its progress to whoever started it, who can cancel it; then it is gone', async () => {
  const work = runTest(start, (signal, onProgress) => {
    onProgress(3, 12);
    return new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('cancelled')));
  });
  expect(needRunningTest(ID, 'me').progress).toEqual({ done: 3, total: 12 });
  expect(() => needRunningTest(ID, 'somebody')).toThrow(/running contract test/);
  await expect(runTest(start, async () => 'second')).rejects.toMatchObject({ code: 'query.id-taken' });
  needRunningTest(ID, 'me').stop.abort();
  expect(await work).toBe('cancelled');
  expect(() => needRunningTest(ID, 'me')).toThrow(/running contract test/);
});
