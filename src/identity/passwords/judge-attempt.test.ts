import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import { type Failures, judgeAttempt } from './judge-attempt.ts';

const START = Date.parse('2026-03-02T09:00:00Z');
const at = (ms: number) => new Date(START + ms);

test('as many attempts as the limit, then none until the lock is over', () => {
  let known: Failures | null = null;
  for (let attempt = 0; attempt < 10; attempt++) {
    const judged = judgeAttempt(known, 10, at(attempt * 1000));
    expect(judged.allowed).toBe(true);
    known = judged.next;
  }
  const locked = judgeAttempt(known, 10, at(20_000));
  expect(locked).toMatchObject({ allowed: false, until: at(20_000 + LIMITS.signInWindowMs) });
  expect(judgeAttempt(locked.next, 10, at(20_000 + LIMITS.signInWindowMs - 1)).allowed).toBe(false);
  expect(judgeAttempt(locked.next, 10, at(20_000 + LIMITS.signInWindowMs))).toMatchObject({
    allowed: true,
    next: { failures: 1, lockedUntil: null },
  });
});

test('an attempt during a lock does not make it longer', () => {
  const known = { failures: 10, since: at(0), lockedUntil: at(1000) };
  expect(judgeAttempt(known, 10, at(500)).next).toBe(known);
});

test('whenever attempts come, in no window more are allowed than the limit', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: LIMITS.signInWindowMs / 2 }), { maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 8 }), (waits, limit) => {
      let known: Failures | null = null;
      let now = 0;
      const allowed: number[] = [];
      for (const wait of waits) {
        now += wait;
        const judged = judgeAttempt(known, limit, at(now));
        known = judged.next;
        if (judged.allowed) allowed.push(now);
      }
      // Fixed windows: around their border twice as many fit into the length of one.
      const most = Math.max(
        0,
        ...allowed.map(
          (from) => allowed.filter((one) => one >= from && one < from + LIMITS.signInWindowMs).length,
        ),
      );
      expect(most).toBeLessThanOrEqual(2 * limit);
    }),
    { numRuns: 200 },
  );
});
