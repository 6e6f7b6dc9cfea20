import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Ground, type Place, type Step, walk } from './walk.ts';

const whole = (node: string): Place => ({ node, column: '' });
const step = (from: string, to: string, transformations: string[] = []): Step => ({
  from: placeOf(from),
  to: placeOf(to),
  transformations,
  reportedBy: null,
});
const placeOf = (text: string): Place => {
  const [node = '', column = ''] = text.split('.');
  return { node, column };
};
const textOf = ({ node, column }: Place) => (column === '' ? node : `${node}.${column}`);

function groundOf(steps: Step[], hidden: string[] = [], unread: string[] = []): Ground {
  return {
    stepsFrom: async (places) => {
      const from = new Set(places.map(textOf));
      return { steps: steps.filter((one) => from.has(textOf(one.from))), truncated: false };
    },
    visible: async (nodes) => new Set(nodes.filter((node) => !hidden.includes(node))),
    readable: async (domains) => new Set(domains.filter((domain) => !unread.includes(domain))),
  };
}

const names = (walked: Awaited<ReturnType<typeof walk>>) =>
  walked.reached.map(({ place }) => textOf(place)).sort();
const FAR = { depth: 20, nodes: 1_000 };

test('a circle ends', async () => {
  const ground = groundOf([step('a', 'b'), step('b', 'c'), step('c', 'a')]);
  const walked = await walk(ground, [whole('a')], FAR);
  expect(names(walked)).toEqual(['a', 'b', 'c']);
  expect(walked.truncated).toBe(false);
});

test('depth and size end a walk, and the answer says so', async () => {
  const chain = groundOf([step('a', 'b'), step('b', 'c'), step('c', 'd')]);
  expect(await walk(chain, [whole('a')], { depth: 2, nodes: 9 })).toMatchObject({ truncated: true });
  expect(names(await walk(chain, [whole('a')], { depth: 2, nodes: 9 }))).toEqual(['a', 'b', 'c']);
  expect(await walk(chain, [whole('a')], { depth: 3, nodes: 9 })).toMatchObject({ truncated: false });
  expect(await walk(chain, [whole('a')], { depth: 9, nodes: 2 })).toMatchObject({ truncated: true });
  expect(names(await walk(chain, [whole('a')], { depth: 9, nodes: 2 }))).toEqual(['a', 'b']);
});

test('behind a hidden node nothing is found, and nothing says that there is something', async () => {
  const ground = groundOf([step('a', 'h'), step('h', 'b'), step('a', 'c')], ['h']);
  const walked = await walk(ground, [whole('a')], { depth: 1, nodes: 9 });
  expect(names(walked)).toEqual(['a', 'c']);
  expect(walked.truncated).toBe(false);
});

const REPORTED: Step = { ...step('a', 'b'), reportedBy: 'dom_x' };

test('what others reported does not lead from one visible node to another', async () => {
  const ground = groundOf([REPORTED], [], ['dom_x']);
  expect(names(await walk(ground, [whole('a')], FAR))).toEqual(['a']);
  expect(names(await walk(groundOf([REPORTED]), [whole('a')], FAR))).toEqual(['a', 'b']);
});

test('how firmly a place hangs on the start: the weakest step of the best way', async () => {
  const ground = groundOf([
    step('a.x', 'b.y', ['DIRECT AGGREGATION']),
    step('a.x', 'b', ['INDIRECT FILTER']),
    step('b', 'c'),
    step('b.y', 'd.z', ['TABLE']),
    step('a.x', 'e.z', ['INDIRECT WINDOW']),
    step('b.y', 'e.z', ['DIRECT IDENTITY']),
  ]);
  const { reached } = await walk(ground, [placeOf('a.x')], FAR);
  const told = Object.fromEntries(reached.map(({ place, how }) => [textOf(place), how]));
  expect(told).toEqual({
    'a.x': 'direct',
    'b.y': 'direct',
    b: 'indirect',
    c: 'indirect',
    'd.z': 'possible',
    'e.z': 'direct',
  });
});

test('law: a walk finds exactly what the graph without its hidden nodes connects', async () => {
  const node = fc.integer({ min: 0, max: 9 }).map((number) => `n${number}`);
  const graph = fc.array(fc.tuple(node, node), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(graph, fc.uniqueArray(node, { maxLength: 5 }), async (pairs, hidden) => {
      const walked = await walk(
        groundOf(
          pairs.map(([from, to]) => step(from, to)),
          hidden,
        ),
        [whole('n0')],
        FAR,
      );
      const seen = new Set(['n0']);
      for (let before = -1; before !== seen.size;) {
        before = seen.size;
        for (const [from, to] of pairs)
          if (seen.has(from) && (to === 'n0' || !hidden.includes(to))) seen.add(to);
      }
      expect(names(walked)).toEqual([...seen].sort());
    }),
    { numRuns: 100 },
  );
});
