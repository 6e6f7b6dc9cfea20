import { expect, test } from 'vitest';
import { isPublicAddress, type Network, parseNetwork } from './public-address.ts';

/** RFC 6890 and its registries, and the ways to write the same addresses. */
const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '169.254.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '127.1',
  '2130706433',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '100::1',
  '3fff::1',
  'localhost',
  '',
  'example.com',
];

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '172.15.0.1',
  '172.32.0.1',
  '100.128.0.1',
  '223.255.255.254',
  '::ffff:8.8.8.8',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
];

test.each(PRIVATE)('%s may not be connected to', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(PUBLIC)('%s may be connected to', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('a listed network is reached in every spelling, its neighbours are not', () => {
  const allowed = ['10.1.0.0/16', '127.0.0.1', 'fd00::/8'].map((text) => parseNetwork(text) as Network);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '127.0.0.1', 'fd12::1']) {
    expect(isPublicAddress(address, allowed)).toBe(true);
  }
  for (const address of ['10.2.0.1', '127.0.0.2', 'fe80::1', '::1']) {
    expect(isPublicAddress(address, allowed)).toBe(false);
  }
});

test('what is no network is none', () => {
  expect(['', 'internal', '10.0.0.0/33', '10.0.0/8 x'].map(parseNetwork)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
