import { expect, test } from 'vitest';
import type { AccessPlan, PlannedColumn } from '../policy/access-plan.ts';
import type { ColumnMask } from '../policy/column-mask.ts';
import { showSample } from './show-sample.ts';

const column = (name: string, kind: 'string' | 'long' | 'binary', mask?: ColumnMask): PlannedColumn => ({
  ...{ name, id: undefined, type: { kind }, reasons: [] },
  mask: mask ?? null,
});

function plan(columns: PlannedColumn[], more: Partial<AccessPlan> = {}): AccessPlan {
  return {
    ...{ datasetId: 'd', dataset: 'a.b.c', via: { kind: 'own-domain', domain: 'a' }, columns, hidden: [] },
    ...{ rowFilter: { op: 'true' }, filterColumns: [], purpose: null, until: null, hash: '', reasons: [] },
    ...more,
  };
}

const SAMPLE = {
  columns: ['region', 'email', 'card', 'note'],
  rows: [
    ['NORTH', 'ada@x.example', '9007199254740993', 'AAEC'],
    ['SOUTH', 'eve@x.example', 7, null],
  ],
};

test('failing rows are shown as the plan shows the dataset: filter first, then columns and masks', () => {
  const columns = [
    column('email', 'string', { action: 'mask-alphanum' }),
    column('card', 'long', { action: 'sha-256-global' }),
    column('note', 'binary', { action: 'sha-256-global' }),
    column('added', 'string'),
  ];
  const shown = showSample(
    SAMPLE,
    plan(columns, {
      rowFilter: { op: 'compare', operator: '=', column: 'region', value: { value: 'NORTH' } },
      filterColumns: [{ name: 'region', type: { kind: 'string' }, required: false }],
    }),
  );
  expect(shown.columns).toEqual(['email', 'card', 'note']);
  expect(shown.rows).toEqual([
    ['xxx@x.xxxxxxx', expect.stringMatching(/^-?\d+$/), expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/)],
  ]);
  expect(JSON.stringify(shown)).not.toMatch(/ada|eve|9007199254740993/);
});

test('rows whose filter cannot be judged from the sample are not shown', () => {
  const shown = showSample(
    SAMPLE,
    plan([column('email', 'string')], {
      rowFilter: { op: 'compare', operator: '=', column: 'secret', value: { value: 'NORTH' } },
      filterColumns: [{ name: 'secret', type: { kind: 'string' }, required: false }],
    }),
  );
  expect(shown).toEqual({ columns: ['email'], rows: [] });
});
