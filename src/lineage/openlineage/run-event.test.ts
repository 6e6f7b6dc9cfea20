import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { newId } from '../../base/ids.ts';
import type { DescribedLineage } from '../lineage-model.ts';
import { uuidOf } from './facet.ts';
import { runEvent, type RunFacts } from './run-event.ts';

const LINEAGE: DescribedLineage = {
  datasetId: 'dts_1',
  domainId: 'dom_1',
  name: 'weeks',
  sql: 'SELECT region FROM tills.receipts',
  inputs: [
    {
      kind: 'source',
      name: 'tills.receipts',
      sourceId: 'src_1',
      table: 'receipts',
      domainId: 'dom_1',
      columns: [],
    },
    { kind: 'dataset', name: 'product.items.items', datasetId: 'dts_2', domainId: 'dom_2', columns: [] },
  ],
  traced: {
    columns: [
      { output: 'region', sources: [{ input: 0, column: 'region', transformations: ['DIRECT IDENTITY'] }] },
      { output: 'lost', sources: null },
    ],
    dataset: [{ input: 1, column: 'gtin', transformations: ['INDIRECT FILTER', 'INDIRECT JOIN'] }],
    doubts: ['column lost'],
  },
};

const FACTS: RunFacts = {
  type: 'COMPLETE',
  at: new Date('2026-03-02T09:00:00Z'),
  namespace: 'crossdock://test',
  runId: newId('run'),
  job: 'sales.sell-out.weeks',
  parent: { runId: newId('run'), job: 'sales.sell-out' },
  sql: LINEAGE.sql,
  columns: [
    { name: 'region', type: { kind: 'string' }, required: true, doc: 'where it was sold' },
    {
      name: 'lost',
      type: { kind: 'struct', fields: [{ name: 'a', type: { kind: 'int' }, required: false }] },
      required: false,
    },
  ],
  inputs: [
    { name: 'sales/tills/receipts', version: null, rows: 12, masked: [] },
    { name: 'product.items.items', version: '77', rows: 3, masked: [] },
  ],
  lineage: LINEAGE,
  written: { snapshotId: '88', rows: 12, bytes: 1_024 },
  checks: [
    { id: 'region-required', title: 'region is filled', severity: 'error', passed: true, measured: 0 },
  ],
  error: null,
};

const FAILED = {
  error: { code: 'pipeline.checks-failed', message: 'a check failed' },
  written: null,
} as const;
const EVENTS: [string, RunFacts][] = [
  ['START', { ...FACTS, type: 'START', inputs: [], written: null, checks: [] }],
  ['COMPLETE', FACTS],
  ['FAIL', { ...FACTS, ...FAILED, type: 'FAIL' }],
  [
    'ABORT',
    {
      ...FACTS,
      type: 'ABORT',
      parent: null,
      lineage: null,
      inputs: [],
      written: null,
      checks: [],
      sql: null,
    },
  ],
];

const folder = join(process.env['CROSSDOCK_STANDARDS'] ?? join('..', 'shared', 'standards'), 'openlineage');

describe.skipIf(!existsSync(folder))('the specification’s own schemas (CROSSDOCK_STANDARDS)', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const files = existsSync(folder) ? readdirSync(join(folder, 'facets')) : [];
  for (const file of files) ajv.addSchema(JSON.parse(readFileSync(join(folder, 'facets', file), 'utf8')));
  if (existsSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, 'OpenLineage.json'), 'utf8')));

  test.each(EVENTS)('accept a %s event and every facet in it', (_, facts) => {
    const event = runEvent(facts);
    const whole = ajv.getSchema('https://openlineage.io/spec/2-0-2/OpenLineage.json')!;
    whole(event);
    expect(whole.errors ?? []).toEqual([]);
    const facets = facetsOf(event);
    for (const [, facet] of facets) {
      const check = ajv.getSchema(facet['_schemaURL'] as string);
      expect(check, String(facet['_schemaURL'])).toBeDefined();
      check!(facet);
      expect(check!.errors ?? []).toEqual([]);
    }
    expect(facets.length).toBeGreaterThan(1);
  });
});

function facetsOf(value: unknown): [string, Record<string, unknown>][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const isFacet = typeof part === 'object' && part !== null && '_schemaURL' in part;
    return [...(isFacet ? [[name, part] as [string, Record<string, unknown>]] : []), ...facetsOf(part)];
  });
}

test('an event tells what came in, what came out and how', () => {
  const event = runEvent(FACTS) as any;
  expect(event.inputs.map(({ name }: any) => name)).toEqual(['sales/tills/receipts', 'product.items.items']);
  expect(event.outputs[0].facets.columnLineage).toMatchObject({
    fields: { region: { inputFields: [{ name: 'sales/tills/receipts', field: 'region' }] } },
    dataset: [
      {
        name: 'product.items.items',
        field: 'gtin',
        transformations: [{ subtype: 'FILTER' }, { subtype: 'JOIN' }],
      },
    ],
  });
  expect(Object.keys(event.outputs[0].facets.columnLineage.fields)).toEqual(['region']);
  expect(event.outputs[0].outputFacets.outputStatistics).toMatchObject({ rowCount: 12, size: 1_024 });
});

test('a run that has read nothing names what its SQL reads', () => {
  const event = runEvent({ ...FACTS, inputs: [] }) as any;
  expect(event.inputs.map(({ name }: any) => name)).toEqual(['sales/tills/receipts', 'product.items.items']);
});

test('a run is known outside by the UUID in its id', () => {
  const id = newId('run');
  expect(uuidOf(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuidOf(id)).not.toBe(uuidOf(newId('run')));
});

test('a way is masked by a digest in the SQL, or by the access plan that the run read under', () => {
  const traced: DescribedLineage['traced'] = {
    columns: [
      {
        output: 'region',
        sources: [
          { input: 0, column: 'region', transformations: ['DIRECT TRANSFORMATION MASKING'] },
          { input: 1, column: 'email', transformations: ['DIRECT IDENTITY'] },
          { input: 1, column: 'gtin', transformations: ['DIRECT IDENTITY'] },
        ],
      },
    ],
    dataset: [],
    doubts: [],
  };
  const inputs = [{ name: 'product.items.items', version: '77', rows: 3, masked: ['email'] }];
  const event = runEvent({ ...FACTS, inputs, lineage: { ...LINEAGE, traced } }) as any;
  const { inputFields } = event.outputs[0].facets.columnLineage.fields.region;
  expect(inputFields.map(({ field, transformations: [one] }: any) => [field, one.masking])).toEqual([
    ['region', true],
    ['email', true],
    ['gtin', false],
  ]);
});
