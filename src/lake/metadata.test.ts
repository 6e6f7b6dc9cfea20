import { expect, test } from 'vitest';
import { freshLake } from '../../test/fixtures/lake-tables.ts';
import { BoundedCache } from './bounded-cache.ts';
import { keyOf, prefixOf } from './locations.ts';
import { parseMetadata, printMetadata } from './metadata.ts';
import { createTable } from './table.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const print = (metadata: Parameters<typeof printMetadata>[0]) =>
  new TextDecoder().decode(printMetadata(metadata));

async function someMetadata() {
  const lake = await freshLake();
  const columns = [{ name: 'id', type: { kind: 'int' as const }, required: false }];
  return (await createTable(lake, { tableId: 'tbl_1', prefix: 't', columns })).metadata;
}

test('snapshot ids of 63 bits and fields we do not know survive', async () => {
  const text = print({ ...(await someMetadata()), properties: { 'snapshot-id': '12', a: '1' } })
    .replace(
      '"snapshots":[]',
      '"statistics":[{"snapshot-id":9223372036854775807}],"snapshots":[{"snapshot-id":9223372036854775807,"summary":{}}]',
    )
    .replace(
      '"refs":{}',
      '"refs":{"main":{"snapshot-id":9223372036854775807,"type":"branch"}},"current-snapshot-id":9223372036854775807',
    );
  const metadata = parseMetadata(encode(text), 'k');
  expect(metadata['current-snapshot-id']).toBe('9223372036854775807');
  expect(JSON.parse(print(metadata))).toEqual(JSON.parse(text));
  expect(print(metadata)).toContain('"main":{"snapshot-id":9223372036854775807');
  expect(print(metadata)).toContain('"properties":{"snapshot-id":"12"');
});

test('what other writers leave out or write as -1 is understood', async () => {
  const full = JSON.parse(print(await someMetadata())) as Record<string, unknown>;
  for (const name of ['properties', 'snapshots', 'snapshot-log', 'metadata-log', 'refs']) delete full[name];
  const metadata = parseMetadata(encode(JSON.stringify({ ...full, 'current-snapshot-id': -1 })), 'k');
  expect(metadata).toMatchObject({ snapshots: [], refs: {}, 'metadata-log': [] });
  expect(metadata).not.toHaveProperty('current-snapshot-id');
});

test.each(['', '{', '{"format-version":1}', '{"format-version":3}'])('metadata %j is refused', (text) => {
  expect(() => parseMetadata(encode(text), 'k')).toThrow(
    expect.objectContaining({ code: 'lake.metadata-invalid' }),
  );
});

test('locations lead only into the table', () => {
  const place = { prefix: 'a/t1', location: 'file:///somewhere/else/t1' };
  expect(keyOf(place, 'file:///somewhere/else/t1/data/x.parquet')).toBe('a/t1/data/x.parquet');
  for (const location of [
    'file:///somewhere/else/t10/x',
    'file:///etc/passwd',
    'data/x',
    'file:///somewhere/else/t1',
  ]) {
    expect(() => keyOf(place, location)).toThrow(expect.objectContaining({ code: 'lake.metadata-invalid' }));
  }
  expect(() => keyOf(place, 'file:///somewhere/else/t1/../t2/x')).toThrow(
    expect.objectContaining({ code: 'lake.key-invalid' }),
  );
  expect(prefixOf('a/t1/metadata/0.metadata.json')).toBe('a/t1');
  expect(() => prefixOf('a/t1/data/0.metadata.json')).toThrow(
    expect.objectContaining({ code: 'lake.metadata-invalid' }),
  );
});

test('a cache keeps what was used last and loads once for all who ask', async () => {
  const cache = new BoundedCache<string>(10);
  let loads = 0;
  const load = (value: string, weight: number) => async () => {
    loads++;
    return { value, weight };
  };
  expect(await Promise.all([cache.get('a', load('A', 4)), cache.get('a', load('A', 4))])).toEqual(['A', 'A']);
  await cache.get('b', load('B', 4));
  await cache.get('a', load('A', 4));
  await cache.get('c', load('C', 4));
  expect([loads, cache.weight]).toEqual([3, 8]);
  await cache.get('a', load('A', 4));
  expect(loads).toBe(3);
  await cache.get('b', load('B', 4));
  expect(loads).toBe(4);
  await cache.get('huge', load('H', 99));
  expect(cache.weight).toBe(0);
  await expect(cache.get('d', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await cache.get('d', load('D', 1))).toBe('D');
});
