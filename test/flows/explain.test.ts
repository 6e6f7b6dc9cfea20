import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crossdock } from '../fixtures/command-line.ts';
import { openTestMesh, type Person, type TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, type Files, meshFiles, productFiles, sourceFile } from '../fixtures/mesh-files.ts';

let mesh: TestMesh;
let steward: Person;
let analyst: Person;
/** Before anything was granted. */
let beforeGrant: string;

const ORDERS = 'id,region,email\n1,NORTH,ada@shop.example\n2,SOUTH,bob@shop.example\n';

const orders = {
  name: 'orders',
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'region', type: 'varchar' },
    { name: 'email', type: 'varchar', more: ['classification: personal'] },
  ],
  sql: 'SELECT CAST(id AS INTEGER) AS id, region, email FROM shop.orders',
};

const RESTRICTIONS = {
  none: '',
  mask: 'restrictions:\n  - name: mails-masked\n    appliesTo: { columns: [email] }\n    mask: show-first-4\n',
  zone: 'restrictions:\n  - name: no-mails-of-europe\n    appliesTo: { columns: [email], tags: { zone: [europe] } }\n    mask: replace-with-null\n',
  rows: 'restrictions:\n  - name: north-only\n    rows: region = $$\n'.replace('$$', "'NORTH'"),
};
const POLICIES = {
  open: '',
  closed:
    '@id("no analysts")\nforbid (principal, action == Action::"product.read", resource)\nunless { principal in Domain::"sales" };\n',
};
const MEMBERS = '  - { person: guest@finance.example, name: a guest, role: analyst }\n';

interface State {
  restrictions: keyof typeof RESTRICTIONS;
  policies: keyof typeof POLICIES;
  guest: boolean;
  /** The tag of the producing domain. */
  zone: 'europe' | 'world';
}
let state: State = { restrictions: 'none', policies: 'open', guest: false, zone: 'europe' };

/** The folder of the mesh in this state. */
function filesOf({ restrictions, policies, guest, zone }: State): Files {
  return {
    ...meshFiles(
      'attributes:\n  domains:\n    marketing: { regions: [NORTH] }\n' +
        'privacy: { approvers: [{ domain: sales, role: owner }] }\n',
    ),
    ...domainFiles('sales', `tags: ['zone:${zone}']\n`),
    ...domainFiles('marketing'),
    ...domainFiles('finance', guest ? MEMBERS : ''),
    ...sourceFile('sales', 'shop', "  orders: { files: 'orders/*.csv', format: csv }\n"),
    ...productFiles({
      domain: 'sales',
      product: 'shop-orders',
      datasets: [orders],
      files: {
        ...(restrictions === 'none' ? {} : { 'restrictions.yaml': RESTRICTIONS[restrictions] }),
        ...(policies === 'open' ? {} : { 'access.cedar': POLICIES[policies] }),
      },
    }),
  };
}

async function change(part: Partial<State>): Promise<void> {
  state = { ...state, ...part };
  await mesh.apply(filesOf(state));
}

/** This moment, apart from what is done before and after it. */
async function moment(): Promise<string> {
  await sleep(3);
  const now = new Date().toISOString();
  await sleep(3);
  return now;
}

interface Reader {
  email: string | null;
  paths: { via: string; domain: string; rows: string; column: object | null; masked: string[] }[];
}

async function readers(name: string, at?: string): Promise<Reader[]> {
  const { status, body } = await steward.get(
    `/api/v1/readers?name=${name}${at === undefined ? '' : `&at=${at}`}`,
  );
  expect([status, body.next]).toEqual([200, null]);
  return body.readers;
}

interface Path {
  dataset: string;
  via: string;
  domain: string;
  subscription: string | null;
  rows: string;
}

/** What somebody sees, page by page of one path. */
async function access(asker: Person, of: string, at?: string): Promise<Path[]> {
  const paths: Path[] = [];
  let next: string | null = null;
  do {
    const query = new URLSearchParams({ of, limit: '1', ...(at && { at }), ...(next && { after: next }) });
    const { status, body } = await asker.get(`/api/v1/access?${query}`);
    expect(status).toBe(200);
    paths.push(...body.paths);
    next = body.next;
  } while (next !== null);
  return paths;
}

async function grant(person: Person, purpose: string, granted: object = {}): Promise<string> {
  const { body } = await person.post('/api/v1/requests', { product: 'sales.shop-orders', purpose });
  const approved = await steward.post(`/api/v1/requests/${body.id}/approve`, granted);
  expect(approved.status).toBe(200);
  if (approved.body.waitsFor === 'privacy') {
    const owner = await mesh.person('owner@sales.example');
    expect((await owner.post(`/api/v1/requests/${body.id}/approve`)).body.state).toBe('active');
  }
  return body.id;
}

beforeAll(async () => {
  mesh = await openTestMesh('flows/explain');
  await mesh.source('sales/orders/orders.csv', ORDERS);
  await mesh.apply(filesOf(state));
  await mesh.settle();
  steward = await mesh.person('steward@sales.example');
  analyst = await mesh.person('analyst@marketing.example');
  beforeGrant = await moment();
  await grant(analyst, 'plan media', {
    rows: 'region IN principal.regions',
    masks: { email: { action: 'show-first-4' } },
  });
});
afterAll(() => mesh.close());

test('a steward sees who reads a product, and by which path', async () => {
  const found = await readers('sales.shop-orders');
  expect(found.map(({ email, paths }) => [email, paths.map(({ via, rows }) => `${via} ${rows}`)])).toEqual([
    ['analyst@marketing.example', ["subscription region in ('NORTH')"]],
    ['analyst@sales.example', ['own-domain true']],
    ['engineer@marketing.example', ["subscription region in ('NORTH')"]],
    ['engineer@sales.example', ['own-domain true']],
    ['owner@marketing.example', ["subscription region in ('NORTH')"]],
    ['owner@sales.example', ['own-domain true']],
    ['steward@marketing.example', ["subscription region in ('NORTH')"]],
    ['steward@sales.example', ['own-domain true']],
  ]);
});

test('of a column: who sees it plain and who masked; of one that is hidden nobody', async () => {
  const found = await readers('sales.shop-orders.orders.email');
  const analysts = found.filter(({ email }) => email?.startsWith('analyst'));
  expect(analysts.map(({ paths }) => paths[0]?.column)).toEqual([
    { access: 'masked', mask: { action: 'show-first-4' } },
    { access: 'visible', mask: null },
  ]);
});

test('a column that is not there is said to be none, with the nearest, to those who see the dataset', async () => {
  const asked = (token: string, ...more: string[]) =>
    crossdock(['explain', 'sales.shop-orders.orders.emial', ...more], {
      CROSSDOCK_URL: mesh.mesh.url,
      CROSSDOCK_TOKEN: token,
    });
  for (const said of [
    await asked(steward.token),
    await asked(analyst.token),
    await asked(steward.token, '--who'),
  ]) {
    expect([said.code, said.stdout]).toEqual([2, '']);
    expect(said.stderr).toMatch(/column sales\.shop-orders\.orders\.emial was not found/);
    expect(said.stderr).toMatch(/there is no column 'emial'; did you mean email\?/);
  }
  const outsider = await mesh.person('analyst@finance.example');
  const { code, stdout, stderr } = await asked(outsider.token);
  expect([code, stderr]).toEqual([2, '']);
  expect(stdout).toMatch(/not readable/);
  expect(stdout).not.toMatch(/email/);
});

test('page by page it is the same list', async () => {
  const all = await readers('sales.shop-orders');
  const paged: Reader[] = [];
  let next: string | null = null;
  do {
    const query: string = next === null ? '' : `&after=${next}`;
    const { body } = await steward.get(`/api/v1/readers?name=sales.shop-orders&limit=3${query}`);
    paged.push(...body.readers);
    next = body.next;
  } while (next !== null);
  expect(paged).toEqual(all);
});

test('the past is as it was: before the grant only the own people, and why somebody else could not', async () => {
  const then = await readers('sales.shop-orders', beforeGrant);
  expect(then.map(({ email }) => email?.split('@')[1])).toEqual(Array(4).fill('sales.example'));
  const explain = (more: string) =>
    steward.get(`/api/v1/explain?name=sales.shop-orders.orders&as=analyst@marketing.example${more}`);
  expect((await explain('')).body.datasets[0].access.via).toMatch(/^subscription /);
  expect((await explain(`&at=${beforeGrant}`)).body.datasets[0].refusal.code).toBe('query.no-subscription');
  const own = await analyst.get(`/api/v1/explain?name=sales.shop-orders.orders&at=${beforeGrant}`);
  expect(own.body.datasets[0].refusal.code).toBe('query.no-subscription');
});

test('the other way about: what one principal sees is what the lists of readers say of them', async () => {
  const sees = async (of: string, at?: string) =>
    (await access(mesh.administrator, of, at)).map(({ dataset, via, rows }) => [dataset, via, rows]);
  const granted = ['sales.shop-orders.orders', 'subscription', "region in ('NORTH')"];
  expect(await sees('analyst@marketing.example')).toEqual([granted]);
  expect(await sees('marketing')).toEqual([granted]);
  expect(await sees('sales')).toEqual([['sales.shop-orders.orders', 'own-domain', 'true']]);
  expect(await sees('analyst@marketing.example', beforeGrant)).toEqual([]);
  expect(await access(analyst, 'analyst@marketing.example')).toEqual(
    (await readers('sales.shop-orders')).find(({ email }) => email === 'analyst@marketing.example')?.paths,
  );
  const own = await mesh.person('steward@marketing.example');
  expect(await access(own, 'analyst@marketing.example')).toHaveLength(1);
});

test('what somebody else sees is for those who audit a domain of theirs; for others nobody is there', async () => {
  for (const [asker, of] of [
    [steward, 'analyst@marketing.example'],
    [steward, 'marketing'],
    [analyst, 'owner@marketing.example'],
    [mesh.administrator, 'nobody@marketing.example'],
  ] as const) {
    const { status, body } = await asker.get(`/api/v1/access?of=${of}`);
    expect([of, status, body.code]).toEqual([of, 404, 'not-found']);
  }
});

test('who does not audit the domain is refused, and who may not discover the product learns nothing', async () => {
  expect((await analyst.get('/api/v1/readers?name=sales.shop-orders')).status).toBe(403);
  const others = await analyst.get('/api/v1/explain?name=sales.shop-orders&as=steward@sales.example');
  expect(others.status).toBe(403);
  expect((await analyst.get(`/api/v1/explain?name=sales.shop-orders&at=${beforeGrant}`)).status).toBe(200);
  expect((await steward.get('/api/v1/readers?name=sales.nothing')).status).toBe(404);
});

test.each(['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z'])('%s is not on record', async (at) => {
  const { status, body } = await steward.get(`/api/v1/readers?name=sales.shop-orders&at=${at}`);
  expect([status, body.code]).toEqual([400, 'policy.not-on-record']);
});

test('the command line prints it as a table', async () => {
  const environment = { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: steward.token };
  const said = await crossdock(['explain', 'sales.shop-orders.orders.email', '--who'], environment);
  expect(said.code).toBe(0);
  expect(said.stdout).toMatch(/analyst@marketing\.example .*marketing, for plan media .*show-first-4/);
  const before = await crossdock(
    ['explain', 'sales.shop-orders', '--as', 'analyst@marketing.example', '--at', beforeGrant],
    environment,
  );
  expect([before.code, before.stdout]).toEqual([2, expect.stringContaining('not readable')]);
  const mine = await crossdock(['explain', '--of', 'sales'], environment);
  expect([mine.code, mine.stdout]).toEqual([
    0,
    expect.stringMatching(/sales\.shop-orders\.orders .*member of sales .*3 plain/),
  ]);
  expect((await crossdock(['explain', 'sales.shop-orders', '--of', 'sales'], environment)).code).toBe(64);
});

test('before it is applied, a folder tells who would gain, lose or see less, and nothing has changed', async () => {
  const before = await readers('sales.shop-orders');
  const tell = async (part: Partial<State>) => {
    const files = Object.entries(filesOf({ ...state, ...part })).map(([path, text]) => ({ path, text }));
    const { status, body } = await mesh.administrator.post('/api/v1/rehearse', { files });
    expect(status).toBe(200);
    return body.changes.map((one: Record<string, unknown>) => [one['change'], one['who'], one['details']]);
  };
  expect(await tell({})).toEqual([]);
  const consumers = ['analyst', 'engineer', 'owner', 'steward'].map((role) => `${role}@marketing.example`);
  const lost = await tell({ policies: 'closed' });
  expect(lost.map(([change, who]: string[]) => `${change} ${who}`)).toEqual(
    consumers.map((who) => `loses ${who}`),
  );
  const masked = await tell({ restrictions: 'mask' });
  expect(masked).toHaveLength(4);
  expect(masked[0]).toEqual(['sees differently', 'analyst@sales.example', ['email: plain -> show-first-4']]);
  const { id } = { id: await grant(await mesh.person('analyst@finance.example'), 'audit sales') };
  expect((await tell({ guest: true })).map(([change, who]: string[]) => `${change} ${who}`)).toEqual([
    'gains guest@finance.example',
  ]);
  await steward.post(`/api/v1/subscriptions/${id}/revoke`, { reason: 'over' });
  expect(await readers('sales.shop-orders')).toEqual(before);
  const denied = await analyst.post('/api/v1/rehearse', { files: [] });
  expect(denied.status).toBeGreaterThanOrEqual(400);
});

test('a policy that forbids is named: in the audit with its version, to people of the domain, by its level to others', async () => {
  const id = await grant(analyst, 'plan shelves');
  await change({ policies: 'closed' });
  const sql = 'SELECT id FROM sales.orders';
  const refused = await analyst.post('/api/v1/query', { sql, purpose: 'plan shelves' });
  expect([refused.status, refused.body]).toMatchObject([
    403,
    {
      code: 'auth.policy-forbids',
      detail: 'a policy of the product sales.shop-orders forbids you to read sales.shop-orders',
      fix: expect.stringMatching(/no way around it\. Ask .* the owners of sales/),
    },
  ]);
  const served = await analyst.get('/data/v1/sales/shop-orders/orders?purpose=plan%20shelves');
  expect([served.status, served.body.code]).toEqual([403, 'auth.policy-forbids']);
  const { body } = await steward.get('/api/v1/audit?limit=20');
  const rows = body.entries.filter(({ action, allowed }: any) => action === 'product.read' && !allowed);
  const named = ["forbidden by 'sales.shop-orders: no analysts'"];
  for (const row of rows.slice(0, 2))
    expect([row.reasons, row.policies]).toEqual([named, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  const policies = await steward.get(`/api/v1/audit/policies/${rows[0].policies}`);
  expect(policies.status, JSON.stringify([policies.body, rows[0]])).toBe(200);
  expect(policies.body.policies.map(({ text }: any) => text)).toContain(POLICIES.closed);
  const explain = async (person: Person, more = '') =>
    (await person.get(`/api/v1/explain?name=sales.shop-orders.orders&purpose=plan%20shelves${more}`)).body
      .datasets[0].refusal;
  expect(await explain(analyst)).toMatchObject({ code: 'auth.policy-forbids', reasons: [] });
  expect((await explain(steward, '&as=analyst@marketing.example')).reasons).toEqual(named);
  const said = await crossdock(
    ['explain', 'sales.shop-orders', '--purpose', 'plan shelves', '--as', 'analyst@marketing.example'],
    { CROSSDOCK_URL: mesh.mesh.url, CROSSDOCK_TOKEN: steward.token },
  );
  expect([said.code, said.stdout]).toEqual([2, expect.stringContaining(`    ${named[0]}\n`)]);
  await steward.post(`/api/v1/subscriptions/${id}/revoke`, { reason: 'over' });
  await change({ policies: 'open' });
});

test('tags of a domain decide about the past as they were', async () => {
  await change({ restrictions: 'zone' });
  const masked = async (at?: string) =>
    (await readers('sales.shop-orders', at)).map(({ paths }) => paths[0]?.masked);
  const first = await moment();
  expect(await masked()).toEqual(Array(8).fill(['email']));
  await change({ zone: 'world' });
  expect(await masked()).not.toEqual(await masked(first));
  expect(await masked(first)).toEqual(Array(8).fill(['email']));
  await change({ restrictions: 'none', zone: 'europe' });
});

test('whatever happens, asked later as of each moment the answer is the one of that moment', async () => {
  const finance = await mesh.person('analyst@finance.example');
  const granted: string[] = [];
  let purposes = 0;
  const steps = {
    grant: async () => void granted.push(await grant(finance, `purpose ${++purposes}`)),
    'grant less': async () =>
      void granted.push(await grant(analyst, `purpose ${++purposes}`, { columns: ['id'] })),
    revoke: async () => {
      const id = granted.pop();
      if (id !== undefined) await steward.post(`/api/v1/subscriptions/${id}/revoke`, { reason: 'over' });
    },
    mask: () => change({ restrictions: 'mask' }),
    rows: () => change({ restrictions: 'rows' }),
    unrestrict: () => change({ restrictions: 'none' }),
    close: () => change({ policies: 'closed' }),
    open: () => change({ policies: 'open' }),
    join: () => change({ guest: true }),
    leave: () => change({ guest: false }),
  };
  const names = Object.keys(steps) as (keyof typeof steps)[];
  const story = fc.array(fc.constantFrom(...names), { minLength: 6, maxLength: 10 });
  const answers = new Set<string>();
  await fc.assert(
    fc.asyncProperty(story, async (chosen) => {
      const seen: [string, Reader[], Path[]][] = [];
      const guest = 'analyst@marketing.example';
      for (const step of chosen) {
        await steps[step]();
        seen.push([await moment(), await readers('sales.shop-orders'), await access(analyst, guest)]);
      }
      for (const [at, answer, paths] of seen) {
        answers.add(JSON.stringify(answer));
        expect(await readers('sales.shop-orders', at)).toEqual(answer);
        expect(await access(analyst, guest, at)).toEqual(paths);
        expect(answer.find(({ email }) => email === guest)?.paths ?? []).toEqual(paths);
      }
    }),
    { numRuns: 2, endOnFailure: true, seed: 11 },
  );
  expect(answers.size).toBeGreaterThan(4);
});
