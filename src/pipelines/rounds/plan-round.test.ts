import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OpenRun } from '../../products/runs/store.ts';
import type { Trigger } from '../read-trigger.ts';
import { isTriggered } from './is-triggered.ts';
import { judgeStep } from './judge-step.ts';
import { type Downstream, planRound } from './plan-round.ts';

const ANY: Trigger = { kind: 'release', of: 'any', datasets: null };
const ALL: Trigger = { kind: 'release', of: 'all', datasets: null };

const named = (id: string) => ({ id, name: `d.p.${id}`, addressed: `d.p.${id}` });
const dataset = (id: string, inputs: string, more: Partial<Downstream> = {}): Downstream => ({
  id,
  productId: 'p',
  triggers: [ANY],
  inputs: inputs.split('').map(named),
  unread: new Set(),
  ...more,
});
const open = (id: string, state: OpenRun['state'], roundId = 'r'): OpenRun => ({
  id: `run-${id}`,
  datasetId: id,
  state,
  roundId,
  isBackfill: false,
});
const planned = (downstream: Downstream[], runs: OpenRun[] = [], released = 'a') =>
  planRound({ released, roundId: 'r', downstream, open: runs }).map(({ datasetId, after, needs }) => [
    datasetId,
    [...after].sort().join(''),
    needs.join(),
  ]);

test('a diamond: the join comes once, after both sides', () => {
  const diamond = [dataset('d', 'bc'), dataset('c', 'a'), dataset('b', 'a')];
  expect(planned(diamond)).toEqual([
    ['c', '', ''],
    ['b', '', ''],
    ['d', 'bc', ''],
  ]);
});

test('what waits or is queued is not started again; what reads it waits for it', () => {
  const diamond = [dataset('b', 'a'), dataset('c', 'a'), dataset('d', 'bc')];
  const runs = [open('b', 'waiting', 'other'), open('c', 'running')];
  expect(planned(diamond, runs)).toEqual([
    ['c', '', ''],
    ['d', 'c', 'run-b'],
  ]);
});

test('a backfill that waits stands for no other run; of its own releases whoever reads them waits for its end', () => {
  const backfill = (id: string, roundId: string) => ({ ...open(id, 'waiting', roundId), isBackfill: true });
  expect(planned([dataset('b', 'a'), dataset('c', 'b')], [backfill('b', 'other')])).toEqual([
    ['b', '', ''],
    ['c', 'b', ''],
  ]);
  expect(planned([dataset('b', 'a')], [backfill('a', 'r')])).toEqual([['b', '', 'run-a']]);
  expect(planned([dataset('b', 'a')], [backfill('a', 'other')])).toEqual([['b', '', '']]);
});

test('a join that another side reaches later waits for what runs in the same round only', () => {
  const join = [dataset('d', 'ac')];
  expect(planned(join, [open('c', 'running')])).toEqual([['d', '', 'run-c']]);
  expect(planned(join, [open('c', 'running', 'other')])).toEqual([['d', '', '']]);
});

test('all inputs: only with those that were released before; on demand and schedules: never', () => {
  const join = (unread: string) => [dataset('d', 'ab', { triggers: [ALL], unread: new Set(unread) })];
  expect(planned(join(''))).toEqual([]);
  expect(planned(join('b'))).toEqual([['d', '', '']]);
  expect(planned([dataset('d', 'a', { triggers: [{ kind: 'on demand' }] })])).toEqual([]);
  const cron: Trigger = { kind: 'cron', expression: '* * * * *', zone: 'UTC' };
  expect(planned([dataset('d', 'a', { triggers: [cron] })])).toEqual([]);
  expect(planned([dataset('d', 'a', { triggers: [cron, ANY] })])).toEqual([['d', '', '']]);
});

test('what reads itself through others is started by no release, nor is what reads it', () => {
  const circle = [dataset('a', 'b'), dataset('b', 'a'), dataset('c', 'b')];
  expect(planned(circle)).toEqual([]);
  expect(planned(circle, [], 'b')).toEqual([]);
});

test('named datasets: the others of its inputs start nothing, one that is gone holds up `all`', () => {
  const inputs = ['a', 'b', 'c'].map(named);
  const of = (kind: 'any' | 'all', ...datasets: string[]): Trigger[] => [
    { kind: 'release', of: kind, datasets },
  ];
  expect(isTriggered(of('any', 'd.p.a', 'd.p.b'), inputs, new Set('c'))).toBe(false);
  expect(isTriggered(of('any', 'd.p.a', 'd.p.b'), inputs, new Set('b'))).toBe(true);
  expect(isTriggered(of('all', 'd.p.a', 'd.p.b'), inputs, new Set('a'))).toBe(false);
  expect(isTriggered(of('all', 'd.p.a', 'd.p.b'), inputs, new Set('ab'))).toBe(true);
  expect(isTriggered(of('all', 'd.p.a', 'd.p.x'), inputs, new Set('abc'))).toBe(false);
  expect(isTriggered([ALL], [], new Set())).toBe(false);
  const major = [{ id: 'a', name: 'd.p@1.a', addressed: 'd.p@1.a' }];
  expect(isTriggered(of('any', 'd.p.a'), major, new Set('a'))).toBe(true);
  expect(isTriggered(of('all', 'd.p@2.a'), major, new Set('a'))).toBe(false);
});

test('a step starts when what it needs released, is skipped when not, and says why', () => {
  const needed = (...states: OpenRun['state'][]) => states.map((state) => ({ state, dataset: state }));
  expect(judgeStep(needed('released', 'running'), undefined)).toEqual({ kind: 'wait' });
  expect(judgeStep(needed('released', 'waiting'), true)).toEqual({ kind: 'wait' });
  expect(judgeStep(needed('released', 'released'), undefined)).toEqual({ kind: 'start' });
  expect(judgeStep(needed('released', 'failed'), undefined)).toEqual({
    kind: 'skip',
    reason: 'failed failed',
  });
  expect(judgeStep(needed('failed', 'released'), true)).toEqual({ kind: 'start' });
  expect(judgeStep(needed('blocked'), false)).toMatchObject({
    kind: 'skip',
    reason: expect.stringMatching(/checks/),
  });
  expect(judgeStep([{ state: null, dataset: null }], undefined)).toMatchObject({ kind: 'skip' });
});

/** Each dataset reads some of those before it; the first is the one that is released. */
const graphs = fc.array(
  fc.record({ reads: fc.uniqueArray(fc.nat(8), { maxLength: 3 }), all: fc.boolean() }),
  { maxLength: 9 },
);

test('played to its end, a round runs each dataset at most once and after everything it reads', () => {
  fc.assert(
    fc.property(graphs, fc.infiniteStream(fc.nat(99)), (nodes, choices) => {
      const downstream = nodes.map(({ reads, all }, index) => ({
        ...dataset(String(index + 1), ''),
        inputs: reads.filter((read) => read <= index).map((read) => named(String(read))),
        triggers: [all ? ALL : ANY],
      }));
      const ran = play(downstream, () => choices.next().value);
      expect(new Set(ran).size).toBe(ran.length);
      for (const [index, id] of ran.entries()) {
        const { inputs } = downstream.find((one) => one.id === id)!;
        const later = ran.slice(index + 1);
        expect(inputs.filter((input) => later.includes(input.id))).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
});

/** Releases dataset 0, then runs whatever may run, in any order; every run releases. Ids in order of their ends. */
function play(datasets: Downstream[], choose: () => number): string[] {
  const runs: { id: string; state: 'waiting' | 'queued' | 'released'; needs: Set<string> }[] = [];
  const release = (id: string) => {
    for (const one of datasets) if (one.inputs.some((input) => input.id === id)) one.unread.add(id);
    const live = runs
      .filter(({ state }) => state !== 'released')
      .map((run) => ({ id: run.id, datasetId: run.id, state: run.state, roundId: 'r' }) as OpenRun);
    const reach = new Set([id]);
    for (const one of datasets) if (one.inputs.some((input) => reach.has(input.id))) reach.add(one.id);
    const downstream = datasets.filter((one) => one.id !== id && reach.has(one.id));
    for (const step of planRound({ released: id, roundId: 'r', downstream, open: live })) {
      const needs = new Set([...step.after, ...step.needs]);
      runs.push({ id: step.datasetId, state: needs.size > 0 ? 'waiting' : 'queued', needs });
    }
    for (const run of runs) {
      run.needs.delete(id);
      if (run.state === 'waiting' && run.needs.size === 0) run.state = 'queued';
    }
  };
  const ended: string[] = [];
  release('0');
  for (;;) {
    const ready = runs.filter(({ state }) => state === 'queued');
    if (ready.length === 0) break;
    const run = ready[choose() % ready.length]!;
    datasets.find(({ id }) => id === run.id)!.unread.clear();
    run.state = 'released';
    ended.push(run.id);
    release(run.id);
    if (ended.length > 50) break;
  }
  expect(runs.filter(({ state }) => state === 'waiting')).toEqual([]);
  return ended;
}
