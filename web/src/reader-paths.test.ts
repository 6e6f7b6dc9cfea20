import { expect, test } from 'vitest';
import { endOf, linesOf, momentOf, type ReaderPath, seenOf, throughOf } from './reader-paths.ts';

const path: ReaderPath = {
  dataset: 'sales.orders.orders',
  via: 'subscription',
  domain: 'marketing',
  subscription: 'sub_1',
  purpose: 'plan media',
  until: '2026-07-01T00:00:00.000Z',
  rows: "region = 'NORTH'",
  column: null,
  visible: ['id', 'region'],
  masked: ['email'],
  hidden: ['phone'],
};

test('a path says by which right, and until when', () => {
  expect(throughOf(path)).toBe('subscription: plan media');
  expect(endOf(path)).toBe('until 30 Jun 2026');
  expect(throughOf({ via: 'own-domain', purpose: null })).toBe('member of the owning domain');
  expect(throughOf({ via: 'elevation', purpose: null })).toBe('emergency');
  expect(endOf({ via: 'own-domain', until: null })).toBeNull();
});

test('what is seen is told of the column asked for, or of all of them', () => {
  expect(seenOf(path)).toEqual(['2 columns visible', 'masked: email', 'hidden: phone']);
  expect(seenOf({ ...path, visible: [], hidden: [] })).toEqual(['masked: email']);
  expect(seenOf({ ...path, column: { access: 'visible', mask: null } })).toEqual(['visible']);
  const mask = { action: 'show-first-4' };
  expect(seenOf({ ...path, column: { access: 'masked', mask } })).toEqual(['masked: first 4 characters']);
});

test('each path of somebody is a line of its own', () => {
  const reader = { id: 'usr_1', kind: 'person' as const, name: 'Ada', email: null, paths: [path, path] };
  const lines = linesOf({ at: '', readers: [reader, { ...reader, id: 'usr_2', paths: [] }], next: null });
  expect(lines.map(({ key }) => key)).toEqual(['usr_1 0', 'usr_1 1']);
});

test('a moment is the reader’s own time; what is no moment is none', () => {
  expect(momentOf('2026-03-01T10:00')).toBe(new Date(2026, 2, 1, 10).toISOString());
  expect(momentOf('')).toBeUndefined();
  expect(momentOf('yesterday')).toBeUndefined();
});
