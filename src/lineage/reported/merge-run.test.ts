import fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentOf, mergeRuns, type RunDocument } from './merge-run.ts';
import { readEvent } from './read-event.ts';

const time = fc.integer({ min: 0, max: 3 }).map((minute) => `2026-03-02T09:0${minute}:00Z`);
const schema = fc.record({
  fields: fc.array(fc.record({ name: fc.constantFrom('a', 'b') }), { maxLength: 2 }),
});
const facets = fc.oneof(
  fc.constant({}),
  fc.record({ schema }),
  fc.constant({ schema: { _deleted: true } }),
  fc.constant({ unknown: { anything: 1 } }),
);
const dataset = fc.record({ namespace: fc.constant('n'), name: fc.constantFrom('x', 'y', 'z'), facets });
const event = fc.record({
  eventTime: time,
  eventType: fc.constantFrom('START', 'RUNNING', 'COMPLETE', 'FAIL'),
  run: fc.record({
    runId: fc.constant('r'),
    facets: fc.constantFrom({}, { parent: { job: { namespace: 'n', name: 'app' } } }, { parent: 'nonsense' }),
  }),
  job: fc.record({ namespace: fc.constant('n'), name: fc.constantFrom('job', 'job2') }),
  inputs: fc.array(dataset, { maxLength: 2 }),
  outputs: fc.array(dataset, { maxLength: 2 }),
});

const merged = (events: object[]): RunDocument =>
  events.map((one) => documentOf(readEvent(one))!).reduce((left, right) => mergeRuns(left, right));

test('law: the events of a run come to the same in any order, and told twice', () => {
  const shuffled = fc
    .array(event, { minLength: 1, maxLength: 5 })
    .chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
      ),
    );
  fc.assert(
    fc.property(shuffled, ([events, again]) => {
      expect(merged(again)).toEqual(merged(events));
    }),
    { numRuns: 300 },
  );
});

test('a job that tells of itself tells all of itself: the later one stands alone', () => {
  const job = { namespace: 'n', name: 'job' };
  const first = { eventTime: '2026-03-02T09:00:00Z', job, inputs: [{ namespace: 'n', name: 'x' }] };
  const second = { eventTime: '2026-03-02T09:01:00Z', job, inputs: [{ namespace: 'n', name: 'y' }] };
  for (const events of [
    [first, second],
    [second, first],
  ]) {
    expect(Object.values(merged(events).inputs).map(({ name }) => name)).toEqual(['y']);
  }
});

test.each([
  ['not an object', [], 'JSON object'],
  ['nothing in it', { eventTime: '2026-03-02T09:00:00Z' }, 'needs a run and a job'],
  ['a time that is none', { eventTime: 'today', job: { namespace: 'n', name: 'j' } }, 'must be a time'],
  ['a job without a name', { eventTime: '2026-03-02T09:00:00Z', job: { namespace: 'n' } }, 'must be a text'],
  [
    'inputs that are no list',
    { eventTime: '2026-03-02T09:00:00Z', job: { namespace: 'n', name: 'j' }, inputs: {} },
    'must be a list',
  ],
])('refuses an event with %s', (_, given, message) => {
  expect(() => readEvent(given)).toThrowError(
    expect.objectContaining({
      problems: [expect.objectContaining({ message: expect.stringContaining(message) })],
    }),
  );
});

test('a time without a zone is UTC, one with a zone is brought there', () => {
  const job = { namespace: 'n', name: 'j' };
  expect(readEvent({ eventTime: '2021-11-03T10:53:52.427343', job }).at).toBe('2021-11-03T10:53:52.427Z');
  expect(readEvent({ eventTime: '2020-12-28T19:52:00.001+10:00', job }).at).toBe('2020-12-28T09:52:00.001Z');
});
