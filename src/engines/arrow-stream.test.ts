import { expect, test } from 'vitest';
import { sha256Hex } from '../base/canonical.ts';
import type { Column } from '../base/data-type.ts';
import { arrowBatch, arrowEnd, arrowSchema } from './arrow-stream.ts';

const COLUMNS: Column[] = [
  { name: 'id', type: { kind: 'long' }, required: false },
  { name: 'name', type: { kind: 'string' }, required: false },
  { name: 'price', type: { kind: 'decimal', precision: 10, scale: 2 }, required: false },
  {
    name: 'tags',
    type: { kind: 'list', element: { kind: 'string' }, elementRequired: false },
    required: false,
  },
];
const VALUES = [
  [1n, null, -3n],
  ['a', 'ö', null],
  [{ value: 150n }, { value: -1n }, null],
  [{ items: ['x', null] }, { items: [] }, null],
];

/** Lengths of metadata and place of each message, by the framing alone. */
function messages(stream: Uint8Array): number[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  expect(view.getUint32(0, true)).toBe(0xffffffff);
  return [view.getInt32(4, true)];
}

test('messages begin with a continuation mark and are padded to 8 bytes', () => {
  for (const message of [arrowSchema(COLUMNS), arrowBatch(COLUMNS, VALUES, 3)]) {
    const [metadata] = messages(message);
    expect(metadata! % 8).toBe(0);
    expect(message.length % 8).toBe(0);
    expect(message.length).toBeGreaterThanOrEqual(8 + metadata!);
  }
  expect(messages(arrowEnd())).toEqual([0]);
});

test('values lie in the body as the columnar format lays them out', () => {
  const batch = arrowBatch(COLUMNS, VALUES, 3);
  const [metadata] = messages(batch);
  const body = Buffer.from(batch.subarray(8 + metadata!));
  // id: validity 0b101, then three int64; name: validity 0b011, offsets 0 1 3 3, text.
  expect(body[0]).toBe(0b101);
  expect([8, 16, 24].map((at) => body.readBigInt64LE(at))).toEqual([1n, 0n, -3n]);
  expect(body[32]).toBe(0b011);
  expect([40, 44, 48, 52].map((at) => body.readInt32LE(at))).toEqual([0, 1, 3, 3]);
  expect(body.subarray(56, 59).toString()).toBe('aö');
  // price: 128 bits, two's complement.
  expect(body[64]).toBe(0b011);
  expect([72, 80, 88, 96].map((at) => body.readBigInt64LE(at))).toEqual([150n, 0n, -1n, -1n]);
});

test('the same rows give the same bytes', () => {
  const stream = () => Buffer.concat([arrowSchema(COLUMNS), arrowBatch(COLUMNS, VALUES, 3), arrowEnd()]);
  expect(sha256Hex(stream())).toBe(sha256Hex(stream()));
});
