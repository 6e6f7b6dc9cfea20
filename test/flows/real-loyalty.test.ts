import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesHolding } from '../fixtures/byte-search.ts';
import {
  type Customer,
  erase,
  openLoyaltyMesh,
  realCustomers,
  sampledCustomer,
} from '../fixtures/loyalty-mesh.ts';
import type { Person, TestMesh } from '../fixtures/mesh.ts';
import { hasRealData } from '../fixtures/real-data.ts';

/**
 * 20,417 synthetic loyalty customers with their dirt: who sees what of them, and one of them who wants to be
 * forgotten. Skipped where CROSSDOCK_REAL_DATA does not have them.
 */
const real = test.skipIf(!hasRealData);

let text: string;
let mesh: TestMesh;
let steward: Person;

beforeAll(async () => {
  if (!hasRealData) return;
  text = await realCustomers();
  mesh = await openLoyaltyMesh('flows/real-loyalty', text);
  steward = await mesh.person('steward@club.example');
}, 180_000);
afterAll(async () => {
  if (hasRealData) await mesh.close();
});

real('an analyst sees masked values', async () => {
  const analyst = await mesh.person('analyst@analytics.example');
  const [row] = await analyst.rows('SELECT * FROM club.customers WHERE email IS NOT NULL LIMIT 1');
  expect(Object.keys(row!)).toEqual(['customer_id', 'name', 'email', 'city', 'tier']);
  expect([row!['name'], String(row!['email'])]).toEqual([null, expect.stringMatching(/^[0-9a-f]{64}$/)]);
});

real('the privacy steward sees them plain for one purpose, and has to name it', async () => {
  const privacy = await mesh.person('steward@privacy.example');
  const sql = "SELECT name, email FROM club.customers WHERE email LIKE '%@%' LIMIT 1";
  expect((await privacy.refusal(sql)).code).toBe('query.purpose-needed');
  const [plain] = await privacy.rows(sql, { purpose: 'answer data subjects' });
  expect(plain).toEqual({ name: expect.stringMatching(/\w/), email: expect.stringContaining('@') });
  expect(await privacy.rows(sql, { purpose: 'watch quality' })).toEqual([]);
});

real('nobody else knows they exist', async () => {
  const other = await mesh.person('steward@sales.example');
  const hits = async (person: Person) => (await person.get('/api/v1/search?text=customers')).body.hits.length;
  expect(await hits(steward)).toBeGreaterThan(0);
  expect(await hits(other)).toBe(0);
  expect((await other.get('/api/v1/products/club/loyalty')).status).toBe(404);
  expect((await other.refusal('SELECT 1 FROM club.customers')).code).toBe('query.unknown-table');
  const asked = { product: 'club.loyalty', subject: 'x', reason: 'y' };
  const refused = await other.post('/api/v1/erasures', asked);
  const missing = await other.post('/api/v1/erasures', { ...asked, product: 'club.nothing' });
  expect([refused.status, refused.body.code]).toEqual([missing.status, missing.body.code]);
});

real(
  'erasing one customer leaves no byte of the address in any file of the data folder',
  async () => {
    const { email, id }: Customer = await sampledCustomer(mesh);
    const data = join(mesh.folder, 'data');
    expect((await filesHolding(data, [email])).length).toBeGreaterThan(3);
    const done = await erase(steward, { subject: email });
    expect([done.state, done.complete, done.remains, done.found, done.error]).toEqual([
      'done',
      true,
      [],
      [],
      null,
    ]);
    expect(await filesHolding(data, [email, id])).toEqual([]);
    const others = text.split('\n').filter((line) => line !== '' && !line.includes(email));
    const [count] = await steward.rows('SELECT count(*) AS n FROM club.customers');
    expect(count!['n']).toBe(others.length - 1);
  },
  120_000,
);
