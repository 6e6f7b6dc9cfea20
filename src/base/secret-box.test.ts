import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseSecretKey, SecretBox } from './secret-box.ts';

const OLD = randomBytes(32);
const NEW = randomBytes(32);

test('what was sealed is opened by the same key for the same owner only', () => {
  const box = new SecretBox([OLD]);
  const sealed = box.seal('whsec_abc', 'whk_1');
  expect(sealed).not.toContain('whsec');
  expect(box.seal('whsec_abc', 'whk_1')).not.toBe(sealed);
  expect(box.open(sealed, 'whk_1')).toBe('whsec_abc');
  expect(() => box.open(sealed, 'whk_2')).toThrow();
  expect(() => new SecretBox([NEW]).open(sealed, 'whk_1')).toThrow(/does not have/);
});

test('a changed byte is noticed', () => {
  const box = new SecretBox([OLD]);
  const [version, key, body = ''] = box.seal('whsec_abc', 'whk_1').split('.');
  const bytes = Buffer.from(body, 'base64');
  bytes[bytes.length - 1]! ^= 1;
  expect(() => box.open([version, key, bytes.toString('base64')].join('.'), 'whk_1')).toThrow();
});

test('a new key in front seals, the one before still opens', () => {
  const sealed = new SecretBox([OLD]).seal('whsec_abc', 'whk_1');
  const box = new SecretBox([NEW, OLD]);
  expect(box.open(sealed, 'whk_1')).toBe('whsec_abc');
  expect([box.isCurrent(sealed), box.isCurrent(box.seal('x', 'y'))]).toEqual([false, true]);
});

test('a key is 32 bytes in hexadecimal or base64', () => {
  for (const form of ['hex', 'base64', 'base64url'] as const) {
    expect(parseSecretKey(`${OLD.toString(form)}\n`)).toEqual(OLD);
  }
  for (const text of ['', 'short', OLD.subarray(1).toString('hex'), randomBytes(33).toString('base64')]) {
    expect(parseSecretKey(text)).toBeUndefined();
  }
});
