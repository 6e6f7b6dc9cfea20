import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../base/data-type.ts';
import { planAccess, type AccessPlan, type Grant, type PlanFacts, type Restriction } from './access-plan.ts';
import type { ColumnMask } from './column-mask.ts';
import { evaluatePlan } from './evaluate-plan.ts';
import { parseRowFilter } from './row-filter-parse.ts';
import { printRowFilter } from './row-filter-print.ts';
import type { Row } from './row-value.ts';

const COLUMNS: Column[] = [
  { id: 1, name: 'region', type: { kind: 'string' }, required: true },
  { id: 2, name: 'customer', type: { kind: 'string' }, required: false },
  { id: 3, name: 'email', type: { kind: 'string' }, required: false },
  { id: 4, name: 'amount', type: { kind: 'decimal', precision: 10, scale: 2 }, required: false },
  { id: 5, name: 'constructor', type: { kind: 'long' }, required: false },
];

const dataset: PlanFacts['dataset'] = {
  id: 'dts_1',
  domain: 'sales',
  product: 'sell-out',
  name: 'sales',
  columns: COLUMNS,
  columnTags: { customer: { 'personal-data': 'yes', layer: 'core' }, email: { 'personal-data': 'contact' } },
  partTags: {},
};

const grant: Grant = { columns: null, rowFilter: null, masks: {}, purpose: 'forecast', until: null };

function facts(
  change: {
    grant?: Partial<Grant>;
    restrictions?: Restriction[];
    attributes?: Record<string, string | string[]>;
  } = {},
): PlanFacts {
  return {
    dataset,
    principal: { id: 'usr_1', kind: 'person', domains: ['marketing'], attributes: change.attributes ?? {} },
    via: { kind: 'subscription', id: 'sub_1', domain: 'marketing', grant: { ...grant, ...change.grant } },
    restrictions: change.restrictions ?? [],
    now: '2026-11-23T09:00:00.000Z',
  };
}

function restriction(change: Partial<Restriction>): Restriction {
  return { id: 'rst_1', level: 'mesh', name: 'personal-data', appliesTo: {}, ...change };
}

const shown = (plan: AccessPlan) =>
  plan.columns.map(({ name, mask }) => (mask ? `${name}: ${mask.action}` : name));

test('a grant without conditions shows everything, and says by what right', () => {
  const plan = planAccess(facts());
  expect(shown(plan)).toEqual(['region', 'customer', 'email', 'amount', 'constructor']);
  expect(plan).toMatchObject({
    dataset: 'sales.sell-out.sales',
    rowFilter: { op: 'true' },
    hidden: [],
    filterColumns: [],
    purpose: 'forecast',
  });
  expect(plan.via).toEqual({ kind: 'subscription', id: 'sub_1', domain: 'marketing' });
  expect(plan.reasons).toEqual(["marketing subscribes for the purpose 'forecast'"]);
});

test('a grant narrows columns, rows and values', () => {
  const plan = planAccess(
    facts({
      grant: {
        columns: ['region', 'email', 'no longer there'],
        rowFilter: parseRowFilter('amount >= 10.5 and region in principal.regions'),
        masks: { email: { action: 'show-last-4' } },
      },
      attributes: { regions: ['north'] },
    }),
  );
  expect(shown(plan)).toEqual(['region', 'email: show-last-4']);
  expect(plan.hidden.map(({ name }) => name)).toEqual(['customer', 'amount', 'constructor']);
  expect(plan.hidden[0]!.reasons).toEqual(['not part of the subscription']);
  expect(printRowFilter(plan.rowFilter)).toBe("amount >= 10.50 and region in ('north')");
  expect(plan.filterColumns.map(({ name }) => name)).toEqual(['region', 'amount']);
  expect(plan.columns[1]!.reasons).toEqual(['masked with show-last-4 by the subscription']);
  expect(plan.reasons).toContain('rows limited by the subscription');
});

test('restrictions of every level add up, and the strictest mask counts', () => {
  const plan = planAccess(
    facts({
      grant: { masks: { customer: { action: 'show-first-4' } } },
      restrictions: [
        restriction({ level: 'product', name: 'no-money', appliesTo: { columns: ['amount'] }, hide: true }),
        restriction({
          appliesTo: { tags: { 'personal-data': ['yes', 'contact'] } },
          mask: { action: 'show-last-4' },
        }),
        restriction({ level: 'domain', name: 'north-only', rowFilter: parseRowFilter("region = 'north'") }),
      ],
    }),
  );
  expect(shown(plan)).toEqual(['region', 'customer: mask-alphanum', 'email: show-last-4', 'constructor']);
  expect(plan.columns[1]!.reasons).toEqual([
    'masked with show-first-4 by the subscription',
    "masked with show-last-4 by the mesh restriction 'personal-data'",
    'together they leave mask-alphanum',
  ]);
  expect(plan.hidden).toEqual([
    { name: 'amount', reasons: ["hidden by the product restriction 'no-money'"] },
  ]);
  expect(plan.reasons).toContain("rows limited by the domain restriction 'north-only'");
});

test.each<[Restriction['appliesTo'], string[]]>([
  [{}, ['region', 'customer', 'email', 'amount', 'constructor']],
  [{ columns: ['email', 'amount'] }, ['email', 'amount']],
  [{ tags: { 'personal-data': ['yes', 'contact'] } }, ['customer', 'email']],
  [{ tags: { 'personal-data': ['yes', 'contact'], layer: ['core'] } }, ['customer']],
  [{ columns: ['email', 'region'], tags: { 'personal-data': ['contact'] } }, ['email']],
  [{ tags: { name: ['Object'] } }, []],
  [{ tags: { layer: [''] } }, []],
  [{ columns: ['email'], datasets: ['sales'] }, ['email']],
  [{ columns: ['email'], datasets: ['sell-out.sales', 'other'] }, ['email']],
  [{ columns: ['email'], datasets: ['sales.sell-out.sales'] }, ['email']],
  [{ columns: ['email'], datasets: ['finance.sell-out.sales', 'sell-out'] }, []],
])('a restriction for %j hides %j', (appliesTo, expected) => {
  const plan = planAccess(facts({ restrictions: [restriction({ appliesTo, hide: true })] }));
  expect(plan.hidden.map(({ name }) => name)).toEqual(expected);
});

test('a restriction on rows by column or tag reaches only datasets that have such a column', () => {
  const rowFilter = parseRowFilter("region = 'north'");
  const rows = (appliesTo: Restriction['appliesTo']) =>
    printRowFilter(planAccess(facts({ restrictions: [restriction({ appliesTo, rowFilter })] })).rowFilter);
  expect(rows({ tags: { 'personal-data': ['yes'] } })).toBe("region = 'north'");
  expect(rows({ tags: { 'personal-data': ['no'] } })).toBe('true');
});

test('a mask that does not fit the type shows nothing instead of everything', () => {
  const plan = planAccess(
    facts({
      restrictions: [
        restriction({ appliesTo: { columns: ['constructor'] }, mask: { action: 'show-last-4' } }),
      ],
    }),
  );
  expect(plan.columns.at(-1)).toMatchObject({
    mask: { action: 'replace-with-null' },
    reasons: [
      "replaced with NULL, because the mesh restriction 'personal-data' asks for show-last-4, which cannot mask a long",
    ],
  });
});

test.each([
  ['region = principal.region', 'you have no attribute region'],
  ['not region = principal.region', 'you have no attribute region'],
  ['regionn = 1', 'reads the column regionn, which is not there'],
  ['amount = principal.level', 'no rows: the mesh restriction'],
])('what cannot be evaluated shows no rows: %s', (text, reason) => {
  const plan = planAccess(
    facts({
      restrictions: [restriction({ rowFilter: parseRowFilter(text) })],
      attributes: { level: 'high' },
    }),
  );
  expect(plan.rowFilter).toEqual({ op: 'false' });
  expect(plan.reasons.at(-1)).toContain(reason);
});

test('reasons name who filters and never the values', () => {
  const rowFilter = parseRowFilter("customer <> 'Secret Ltd'");
  const plan = planAccess(facts({ restrictions: [restriction({ rowFilter })] }));
  expect(JSON.stringify(plan.reasons)).not.toContain('Secret');
});

test('members of the owning domain read under its restrictions, without a grant', () => {
  const own: PlanFacts = {
    ...facts({ restrictions: [restriction({ appliesTo: { columns: ['email'] }, hide: true })] }),
    principal: { id: 'usr_2', kind: 'service-account', domains: ['sales'], attributes: {} },
    via: { kind: 'own-domain', domain: 'sales' },
  };
  const plan = planAccess(own);
  expect(plan).toMatchObject({ purpose: null, until: null, reasons: ['members of sales read its own data'] });
  expect(shown(plan)).not.toContain('email');
});

test.each<[string, Partial<PlanFacts>]>([
  ['no member of finance', { via: { kind: 'own-domain', domain: 'finance' } }],
  ['marketing does not own it', { via: { kind: 'own-domain', domain: 'marketing' } }],
  ['no member of finance', { via: { kind: 'subscription', id: 'sub_2', domain: 'finance', grant } }],
  [
    'ended on 2026-11-22',
    {
      via: {
        kind: 'subscription',
        id: 'sub_1',
        domain: 'marketing',
        grant: { ...grant, until: '2026-11-22' },
      },
    },
  ],
  [
    'ended on 2026-11-23T09:00:00Z',
    {
      via: {
        kind: 'subscription',
        id: 'sub_1',
        domain: 'marketing',
        grant: { ...grant, until: '2026-11-23T09:00:00Z' },
      },
    },
  ],
  [
    'ended on soon',
    { via: { kind: 'subscription', id: 'sub_1', domain: 'marketing', grant: { ...grant, until: 'soon' } } },
  ],
])('a right that is none is refused: %s', (reason, change) => {
  expect(() => planAccess({ ...facts(), ...change })).toThrow(`nothing gives you sales.sell-out.sales: `);
  expect(() => planAccess({ ...facts(), ...change })).toThrow(reason);
});

test('an end date includes its day', () => {
  expect(planAccess(facts({ grant: { until: '2026-11-23' } })).until).toBe('2026-11-23');
});

test('the hash changes with what is seen and with nothing else', () => {
  const hash = (change: Parameters<typeof facts>[0]) => planAccess(facts(change)).hash;
  const mask: ColumnMask = { action: 'show-last-4' };
  const masked = hash({ grant: { masks: { email: mask } } });
  const byRestriction = restriction({ id: 'rst_9', name: 'other', appliesTo: { columns: ['email'] }, mask });
  expect(hash({ restrictions: [byRestriction] })).toBe(masked);
  expect(hash({ grant: { purpose: 'else', masks: { email: mask } } })).toBe(masked);
  expect(hash({})).not.toBe(masked);
  expect(hash({ grant: { columns: ['email'], masks: { email: mask } } })).not.toBe(masked);
  expect(hash({ grant: { masks: { email: mask }, rowFilter: parseRowFilter('amount = 1') } })).not.toBe(
    masked,
  );
  expect(hash({ grant: { rowFilter: parseRowFilter('amount = 1') } })).toBe(
    hash({ grant: { rowFilter: parseRowFilter('amount = 1.00') } }),
  );
});

test('a column of another type is seen differently, one of another field id is not', () => {
  const columns = (change: Partial<Column>) => [{ ...COLUMNS[0]!, ...change }, ...COLUMNS.slice(1)];
  const hash = (change: Partial<Column>) =>
    planAccess({ ...facts(), dataset: { ...dataset, columns: columns(change) } }).hash;
  expect(hash({ type: { kind: 'uuid' } })).not.toBe(hash({}));
  expect(hash({ id: 99, doc: 'described' })).toBe(hash({}));
});

test('reasons come from the mesh down to the product', () => {
  const rowFilter = parseRowFilter("region = 'north'");
  const restrictions = (['product', 'mesh', 'domain'] as const).map((level) =>
    restriction({ level, name: 'one', rowFilter }),
  );
  const { reasons } = planAccess(facts({ restrictions }));
  expect(reasons.slice(1)).toEqual(
    ['mesh', 'domain', 'product'].map((level) => `rows limited by the ${level} restriction 'one'`),
  );
});

const anyRestriction: fc.Arbitrary<Restriction> = fc.record(
  {
    id: fc.constant('rst'),
    level: fc.constantFrom('mesh' as const, 'domain' as const, 'product' as const),
    name: fc.constantFrom('a', 'b', 'c'),
    appliesTo: fc.constantFrom<Restriction['appliesTo']>(
      {},
      { columns: ['customer'] },
      { columns: ['email', 'amount'] },
      { tags: { 'personal-data': ['yes'] } },
    ),
    rowFilter: fc.constantFrom(
      ...[
        "region = 'north'",
        "not region = 'south'",
        'amount > 1.5 or customer is null',
        'region in principal.regions',
        'not region in principal.missing',
        "customer like 'a%'",
      ].map(parseRowFilter),
    ),
    mask: fc.constantFrom<ColumnMask>(
      { action: 'mask-alphanum' },
      { action: 'show-first-4' },
      { action: 'show-last-4' },
      { action: 'sha-256-global' },
      { action: 'mask-to-fixed-value', value: 'x' },
    ),
    hide: fc.constantFrom(true),
  },
  { requiredKeys: ['id', 'level', 'name', 'appliesTo'] },
);

const row: fc.Arbitrary<Row> = fc.record({
  region: fc.constantFrom('north', 'south', 'east'),
  customer: fc.option(fc.constantFrom('abcdef', 'abcdeg', 'bcdef1')),
  email: fc.option(fc.constantFrom('a@b.com', 'c@d.org')),
  amount: fc.option(fc.constantFrom('1.00', '1.50', '2.00')),
  constructor: fc.constant('7'),
});

/** The row as the plan shows it, or `null` when it does not. */
function view(plan: AccessPlan, one: Row): Row | null {
  return evaluatePlan(plan, [one], { querySalt: '' })[0] ?? null;
}

test('a restriction more never shows a row, a column or a difference more', () => {
  fc.assert(
    fc.property(
      fc.array(anyRestriction, { maxLength: 4 }),
      anyRestriction,
      fc.tuple(row, row),
      (some, more, [one, other]) => {
        const attributes = { regions: ['north', 'east'] };
        const before = planAccess(facts({ restrictions: some, attributes }));
        const after = planAccess(facts({ restrictions: [...some, more], attributes }));
        const names = (plan: AccessPlan) => plan.columns.map(({ name }) => name);
        expect(names(before)).toEqual(expect.arrayContaining(names(after)));
        const [left, right] = [view(after, one), view(after, other)];
        if (!left || !right) return;
        const [leftBefore, rightBefore] = [view(before, one), view(before, other)];
        expect(leftBefore && rightBefore).toBeTruthy();
        for (const name of names(after)) {
          if (left[name] !== right[name]) expect(leftBefore![name]).not.toBe(rightBefore![name]);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

test('personal data whose use was not approved is hidden; a grant from before this approval gives it', () => {
  const names = (given: Partial<Grant>) =>
    planAccess(facts({ grant: given })).columns.map(({ name }) => name);
  expect(names({})).toEqual(['region', 'customer', 'email', 'amount', 'constructor']);
  expect(names({ personal: ['email'] })).toEqual(['region', 'email', 'amount', 'constructor']);
  const masked: Partial<Grant> = { personal: [], masks: { email: { action: 'replace-with-null' } } };
  expect(names(masked)).toEqual(['region', 'email', 'amount', 'constructor']);
});

test('the order of restrictions does not matter', () => {
  fc.assert(
    fc.property(fc.array(anyRestriction, { maxLength: 5 }), (some) => {
      const forth = planAccess(facts({ restrictions: some }));
      const back = planAccess(facts({ restrictions: [...some].reverse() }));
      expect(back.hash).toBe(forth.hash);
      expect(back.rowFilter).toEqual(forth.rowFilter);
    }),
  );
});
