import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, parseVersion, printVersion, type Version } from './version.ts';

const number = fc.integer({ min: 0, max: 999 });
const identifier = fc.oneof(number.map(String), fc.constantFrom('alpha', 'beta', 'rc', 'x-y'));
const version: fc.Arbitrary<Version> = fc.record({
  major: number,
  minor: number,
  patch: number,
  preRelease: fc.array(identifier, { maxLength: 3 }),
});

test('a version prints as it reads', () => {
  fc.assert(
    fc.property(version, (one) => {
      expect(parseVersion(printVersion(one))).toEqual(one);
    }),
  );
});

test('the order is total', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      expect(compareVersions(a, b) === 0).toBe(printVersion(a) === printVersion(b));
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }
    }),
  );
});

test('the example of semver §11', () => {
  const order =
    '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.1.0 2.0.0';
  const versions = order.split(' ').map((text) => parseVersion(text)!);
  const sorted = versions.toReversed().sort(compareVersions);
  expect(sorted.map(printVersion).join(' ')).toBe(order);
});

test.each([
  '',
  '1',
  '1.2',
  '1.2.3.4',
  '01.2.3',
  '1.2.3-',
  '1.2.3-01',
  '1.2.3-a..b',
  ' 1.2.3',
  '1.2.3+build',
  'latest',
])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeNull();
});

test('a leading v is read and not written', () => {
  expect(printVersion(parseVersion('v1.2.3')!)).toBe('1.2.3');
});
