import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Incremental } from '../pipeline-settings.ts';
import { type Bookmark, compareFiles, NO_BOOKMARK, type ReadFile, readingOf, stepFor } from './bookmark.ts';

const key = fc.constantFrom('a.csv', 'b.csv', 'c/d.csv');
/** A folder lives: files come, change (in size, or in time alone) and go; runs come between, and some fail. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), key, bytes: fc.nat(2) }),
  fc.record({ kind: fc.constant('remove' as const), key }),
  fc.record({ kind: fc.constant('run' as const), isReleased: fc.boolean() }),
);

test('released runs read every state of a file that they find, once, and nothing twice', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      const folder = new Map<string, ReadFile>();
      const seen = new Map<string, ReadFile>();
      const reads: string[] = [];
      for (const [place, one] of events.entries()) {
        if (one.kind === 'write') {
          folder.set(one.key, { key: one.key, bytes: one.bytes, modifiedAt: new Date(place).toISOString() });
        } else if (one.kind === 'remove') folder.delete(one.key);
        else {
          const changes = compareFiles([...folder.values()], seen);
          expect(changes.gone).toEqual([...seen.keys()].filter((name) => !folder.has(name)));
          expect(changes.changed).toEqual(changes.read.filter((name) => seen.has(name)));
          const states = changes.read.map((name) => JSON.stringify(folder.get(name)));
          expect(states.filter((state) => reads.includes(state))).toEqual([]);
          if (!one.isReleased) continue;
          reads.push(...states);
          for (const name of changes.read) seen.set(name, folder.get(name)!);
          expect([...folder.values()].filter((file) => !reads.includes(JSON.stringify(file)))).toEqual([]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

const name = fc.oneof(
  fc.constantFrom('a', 'of', 'a of b', 'a"', '"a"', 'b.c', 'größe', 'growing a'),
  fc.string({ minLength: 1, maxLength: 4 }),
);
const incremental: fc.Arbitrary<Incremental> = fc.oneof(
  fc.record({ kind: fc.constant('files' as const), input: fc.record({ schema: name, name }) }),
  fc.record({
    kind: fc.constant('growing' as const),
    column: name,
    input: fc.record({ schema: name, name }),
  }),
);

test('two settings have the same text only if they are the same', () => {
  fc.assert(
    fc.property(incremental, incremental, (left, right) => {
      expect(readingOf(left) === readingOf(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
    }),
    { numRuns: 2_000 },
  );
  const files: Incremental = { kind: 'files', input: { schema: 'sales.sell-out', name: 'weeks' } };
  expect(readingOf(files)).toBe('files of "sales.sell-out".weeks');
});

test('a bookmark is a place in its own setting only, and none before a reset is done', () => {
  const files: Incremental = { kind: 'files', input: { schema: 'shop', name: 'log' } };
  const growing: Incremental = { ...files, kind: 'growing', column: 'id' };
  const step = { release: 3, runId: 'run_3', reading: readingOf(files), value: null, ties: 0, type: null };
  const at = (more: Partial<Bookmark>): Bookmark => ({ ...NO_BOOKMARK, step, ...more });
  expect(stepFor(at({}), files)).toBe(step);
  expect(stepFor(at({ next: 'restore', paused: true }), files)).toBe(step);
  expect(stepFor(at({}), growing)).toBeNull();
  expect(stepFor(at({ next: 'rebuild' }), files)).toBeNull();
  expect(stepFor(NO_BOOKMARK, files)).toBeNull();
});
