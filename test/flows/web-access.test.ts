import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../fixtures/browser.ts';
import type { TestMesh } from '../fixtures/mesh.ts';
import { domainFiles, productFiles } from '../fixtures/mesh-files.ts';
import { cells, enterShop, filesOf, leave, openWebShop, runSql } from '../fixtures/web-shop.ts';

/** Told in order, in a browser: a basket, an approval in the producer's place, an emergency. */

let mesh: TestMesh;
let browser: Browser;
/** While marketing read what the delegate had approved. */
let granted: Date;

const REGIONS = {
  name: 'regions',
  columns: [{ name: 'region', type: 'varchar', more: ['required: true'] }],
  sql: 'SELECT DISTINCT region FROM shop.orders',
};
const BREAK_GLASS = 'breakGlass: { people: [{ domain: marketing, role: engineer }], minutes: 30 }\n';
const CEILING = "breakGlass: { allow: true, rows: region = 'SOUTH' }\n";

beforeAll(async () => {
  mesh = await openWebShop('flows/web-access');
  const files = filesOf('1.0.0');
  await mesh.apply({
    ...files,
    ...domainFiles('legal'),
    'mesh.yaml': `${files['mesh.yaml']}${BREAK_GLASS}`,
    'domains/sales/products/shop-orders/request.yaml': CEILING,
    ...productFiles({ domain: 'sales', product: 'shop-regions', datasets: [REGIONS] }),
  });
  await mesh.settle();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await mesh.close();
});

const enterAs = (person: string, widthPx?: number) => enterShop(browser, mesh, { person, widthPx });

test('two products are asked for together, and stay in the basket through a reload', async () => {
  const analyst = await enterAs('analyst of marketing', 400);
  const { page } = analyst;
  await page.getByRole('button', { name: 'Put Shop orders into the basket' }).click();
  await page.getByRole('button', { name: 'Put Shop regions into the basket' }).click();
  await page.reload();
  await page.goto('/basket');
  const items = page.getByRole('list', { name: 'Products in the basket' }).getByRole('listitem');
  await page.getByRole('button', { name: 'Take Shop regions out of the basket' }).click();
  expect(await items.count()).toBe(1);
  await page.goto('/');
  await page.getByRole('button', { name: 'Put Shop regions into the basket' }).click();
  await page.goto('/basket');
  await page.getByLabel('Purpose').fill('Compare regions');
  expect(await analyst.overflow()).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Request 2 products for marketing' }).click();
  await page.getByRole('heading', { name: 'Sent together' }).waitFor();
  for (const product of ['shop-orders', 'shop-regions'])
    await page.getByText(`sales.${product}`).first().waitFor();
  await page.goto('/basket');
  await page.getByText('Your basket is empty').waitFor();
  await leave(analyst);
});

test('whom the owner lets approve gives no more than the owner allowed', async () => {
  const owner = await enterAs('owner of sales');
  await owner.page.goto('/products/sales/shop-orders?tab=consumers');

  await owner.page.getByRole('button', { name: 'Let somebody approve' }).click();
  await owner.page.getByRole('textbox', { name: 'Who' }).fill('legal');
  await owner.page.getByRole('checkbox', { name: /email/ }).uncheck();
  await owner.page.getByLabel(/Only rows where/).fill("region = 'NORTH'");
  await owner.page.getByRole('button', { name: 'Let them approve' }).click();
  await owner.page.getByRole('list', { name: 'Delegations' }).getByText('legal').first().waitFor();

  const delegate = await enterAs('owner of legal');
  await delegate.page.getByRole('link', { name: /^Queue/ }).click();
  await delegate.page.getByText(/owner of sales lets you give at most this/).waitFor();
  await delegate.page.getByRole('checkbox', { name: /amount/ }).waitFor();
  expect(await delegate.page.getByRole('checkbox', { name: /email/ }).count()).toBe(0);
  await delegate.page.getByRole('button', { name: 'Approve' }).click();
  await delegate.page.getByText('Approved: marketing for Shop orders.').waitFor();
  await leave(delegate);

  const analyst = await enterAs('analyst of marketing');
  await runSql(analyst.page, 'SELECT * FROM sales.orders ORDER BY id');
  await analyst.page.getByText('2 rows').waitFor();
  expect(await cells(analyst.page)).toEqual(['1', 'NORTH', '10.50', '2', 'NORTH', '20.25']);
  granted = new Date();

  await owner.page.getByRole('button', { name: 'Revoke the delegation of legal' }).click();
  const dialog = owner.page.getByRole('dialog');
  await dialog.getByText('The 1 subscription approved under it end').waitFor();
  await dialog.getByLabel('Reason').fill('we decide again');
  await dialog.getByRole('button', { name: 'Revoke delegation' }).click();
  await owner.page.getByText('Ended ones (1)').waitFor();
  await leave(owner);
  await runSql(analyst.page, 'SELECT * FROM sales.orders ORDER BY id');
  await analyst.page.getByText('query.no-subscription').waitFor();
  await leave(analyst);
});

test('who can see a column is answered for now and for a moment before, to those who audit it', async () => {
  const owner = await enterAs('owner of sales', 390);
  const { page } = owner;
  await page.goto('/products/sales/shop-orders?tab=consumers');
  const readers = page.getByRole('table', { name: /^Who can see/ }).getByRole('row');
  await page.getByText('4 readers can see orders now.').waitFor();
  expect(await owner.overflow()).toBeLessThanOrEqual(0);
  await page.getByLabel('Column', { exact: true }).selectOption('region');
  await page.getByText('4 readers can see region of orders now.').waitFor();
  for (const text of (await readers.allInnerTexts()).slice(1))
    expect(text).toMatch(/of sales[^]*member of the owning domain[^]*visible[^]*all/);
  const local = new Date(granted.getTime() - granted.getTimezoneOffset() * 60_000).toISOString();
  await page.getByLabel(/^As of/).fill(local.slice(0, -1));
  await page.keyboard.press('Enter');
  await page.getByText(/^8 readers can see region of orders, as of/).waitFor();
  const [then] = await readers.filter({ hasText: 'analyst@marketing.example' }).allInnerTexts();
  expect(then).toMatch(/marketing[^]*subscription: Compare regions[^]*visible[^]*region = 'NORTH'/);
  expect(await owner.overflow()).toBeLessThanOrEqual(0);
  await page.getByLabel('Column', { exact: true }).selectOption('email');
  await page.getByText(/^4 readers can see email of orders, as of/).waitFor();
  await page.getByLabel(/^As of/).fill('2020-01-01T10:00');
  await page.keyboard.press('Enter');
  await page.getByText('Ask as of a moment in that time').waitFor();
  await page.getByRole('button', { name: 'Show now' }).click();
  await page.getByText('4 readers can see email of orders now.').waitFor();
  await leave(owner);

  const engineer = await enterAs('engineer of sales');
  await engineer.page.goto('/products/sales/shop-orders?tab=consumers');
  await engineer.page.getByRole('tab', { name: 'Runs' }).waitFor();
  expect(await engineer.page.getByRole('tab', { name: /Consumers/ }).count()).toBe(0);
  await leave(engineer);
  const { body } = await mesh.administrator.get('/api/v1/products/sales/shop-orders');
  expect([body.may.audit, body.subscriptions]).toEqual([true, undefined]);
});

test('in an emergency a product is read at once, for a time; its owner sees it and ends it', async () => {
  const engineer = await enterAs('engineer of marketing', 400);
  const { page } = engineer;
  await page.goto('/products/sales/shop-orders');
  await page.getByRole('button', { name: 'Break glass…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What happened').fill('The till sends wrong amounts');
  await dialog.getByLabel('Minutes').fill('31');
  await dialog.getByRole('button', { name: 'Break glass' }).click();
  await dialog.locator('[aria-invalid=true]').waitFor();
  await dialog.getByLabel('Minutes').fill('10');
  await dialog.getByRole('button', { name: 'Break glass' }).click();
  await page.getByText(/You read this product until/).waitFor();
  expect(await engineer.overflow()).toBeLessThanOrEqual(0);
  await runSql(page, 'SELECT id, region FROM sales.orders');
  await page.getByText('1 row', { exact: true }).waitFor();
  expect(await cells(page)).toEqual(['3', 'SOUTH']);

  const owner = await enterAs('owner of sales');
  await owner.page.goto('/products/sales/shop-orders?tab=consumers');
  await owner.page.getByText('The till sends wrong amounts').waitFor();
  await owner.page.getByRole('button', { name: 'End the reading of engineer of marketing' }).click();
  await owner.page.getByText(/1 query, 1 row, ended by owner of sales/).waitFor();
  await leave(owner);
  await runSql(page, 'SELECT id, region FROM sales.orders');
  await page.getByText('query.no-subscription').waitFor();
  await leave(engineer);
});

test('an owner looks up in the audit what somebody did, and is told what a filter has to be', async () => {
  const owner = await enterAs('owner of sales', 1280);
  const { page } = owner;
  await page.getByRole('button', { name: 'owner of sales' }).click();
  await page.getByRole('menuitem', { name: 'Audit' }).click();
  const rows = page.getByRole('table', { name: 'Decisions and changes' }).getByRole('row');
  await page.getByText('subscription.request').first().waitFor();
  await page.getByLabel('Who').fill('analyst@marketing.example');
  await page.getByLabel('Action').fill('subscription.*');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/action=subscription/);
  await page
    .getByRole('cell', { name: /owner of/ })
    .first()
    .waitFor({ state: 'detached' });
  const texts = (await rows.allInnerTexts()).slice(1);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) expect(text).toMatch(/analyst of marketing[^]*subscription\./);
  await page.getByLabel('Action').fill('Approve!');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page
    .getByText(/^action must be an action such as/)
    .first()
    .waitFor();
  await page.getByLabel('Action').fill('');
  await page.getByLabel('From').fill('2020-01-01');
  await page.getByLabel('Before').fill('2020-01-02');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('Nothing like that').waitFor();
  expect(await owner.overflow()).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Show everything' }).click();
  await page.getByText('subscription.request').first().waitFor();
  await leave(owner);
});
