import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import type { AccessPlan } from './access-plan-model.ts';
import { evaluatePlan } from './evaluate-plan.ts';
import { parseRowFilter } from './row-filter-parse.ts';
import type { Row } from './row-value.ts';

const column = (name: string): Column => ({ name, type: { kind: 'string' }, required: false });

const plan: AccessPlan = {
  datasetId: 'dts_1',
  dataset: 'sales.sell-out.sales',
  via: { kind: 'own-domain', domain: 'sales' },
  columns: [
    { name: 'region', id: 1, type: { kind: 'string' }, mask: { action: 'mask-alphanum' }, reasons: [] },
    { name: 'email', id: 2, type: { kind: 'string' }, mask: null, reasons: [] },
  ],
  hidden: [{ name: 'secret', reasons: [] }],
  rowFilter: parseRowFilter("not secret = 'yes' and region like 'north%'"),
  filterColumns: [column('region'), column('secret')],
  purpose: null,
  until: null,
  hash: '',
  reasons: [],
};

test('the filter sees unmasked and hidden values, unknown is not shown, and only then come the masks', () => {
  const rows: Row[] = [
    { region: 'north-1', email: null, secret: 'no' },
    { region: 'north-2', email: 'a@b.com', secret: null },
    { region: 'north-3', email: 'c@d.org', secret: 'yes' },
    { region: 'xxxxx', email: 'e@f.net', secret: 'no' },
    { region: 'north', email: 'g@h.io', secret: 'no' },
  ];
  expect(evaluatePlan(plan, rows, { querySalt: '' })).toEqual([
    { region: 'xxxxx-n', email: null },
    { region: 'xxxxx', email: 'g@h.io' },
  ]);
});
