import { expect, test } from 'vitest';
import { MeshError } from '../base/errors.ts';
import { retryDelayMs } from './worth-retrying.ts';

test('what may pass is tried again, later each time and no more often than said', () => {
  const busy = new MeshError('query.queue-full');
  const delays = [1, 2, 3, 10].map((attempt) => retryDelayMs(busy, { attempt, retries: 10 }));
  expect(delays).toEqual([30_000, 60_000, 120_000, 1_800_000]);
  expect(retryDelayMs(busy, { attempt: 3, retries: 2 })).toBeNull();
  expect(retryDelayMs(busy, { attempt: 1, retries: 0 })).toBeNull();
});

test('failed checks, wrong SQL and damaged files are not tried again', () => {
  for (const code of ['pipeline.checks-failed', 'pipeline.unknown-input', 'pipeline.source-damaged'] as const)
    expect(retryDelayMs(new MeshError(code), { attempt: 1, retries: 10 })).toBeNull();
});
