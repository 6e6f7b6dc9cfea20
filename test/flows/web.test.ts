import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVERYWHERE, openBrowser, openScreen, type Screen } from '../fixtures/browser.ts';
import type { TestMesh } from '../fixtures/mesh.ts';
import { Receiver } from '../fixtures/receiver.ts';
import { cells, enterShop, filesOf, leave, openWebShop, ORDERS, runSql } from '../fixtures/web-shop.ts';

let mesh: TestMesh;
let browser: Browser;

beforeAll(async () => {
  mesh = await openWebShop('flows/web');
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await mesh.close();
});

const enterAs = (person: string, widthPx?: number) => enterShop(browser, mesh, { person, widthPx });

test('lineage: a picture whose columns can be followed by keyboard, and a list that says the same', async () => {
  const screen = await enterAs('engineer of sales');
  const { page } = screen;
  await page.goto('/products/sales/shop-orders?tab=lineage');
  const picture = page.locator('[data-lineage-picture]');
  await picture.getByText('sales · source shop').waitFor();
  const amount = picture.getByRole('button', { name: 'amount' }).first();
  await amount.focus();
  await page.keyboard.press('Enter');
  await page.getByText('amount of sales.shop-orders.orders comes from amount of sales/shop/orders').waitFor();
  expect(await picture.getByRole('button', { name: 'amount', pressed: true }).count()).toBe(2);
  await picture.getByRole('button', { name: 'region' }).first().click();
  await page.getByText('region of sales/shop/orders has no input').waitFor();
  await page.getByRole('button', { name: 'Show as list' }).click();
  await page.getByRole('region', { name: 'Made of' }).getByText('sales/shop/orders').waitFor();
  await page.getByRole('button', { name: 'region' }).first().click();
  await page.getByText('region of').first().waitFor();
  await leave(screen);

  const consumer = await enterAs('analyst of marketing', 400);
  await consumer.page.goto('/products/sales/shop-orders?tab=lineage');
  await consumer.page.getByText('Nothing that you can see is before or behind it').waitFor();
  expect(await consumer.overflow()).toBeLessThanOrEqual(0);
  await leave(consumer);
});

test('a token signs in, a wrong one is told so', async () => {
  const screen = await openScreen(browser, mesh.mesh.url);
  const { page } = screen;
  await page.goto('/products/sales/shop-orders');
  await page.getByRole('button', { name: 'Use a token instead' }).click();
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('auth.invalid').waitFor();
  await page.getByLabel('Token').fill(mesh.administrator.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // The address asked for is the one shown afterwards.
  await page.getByRole('heading', { name: 'Shop orders', level: 1 }).waitFor();
  await leave(screen);
});

test('request, narrowed approval, query, revoke: each seen by the person it concerns', async () => {
  const analyst = await enterAs('analyst of marketing');
  await analyst.page.getByRole('link', { name: 'Shop orders' }).click();
  await analyst.page.getByLabel('Purpose').fill('Compare regions');
  await analyst.page.getByRole('button', { name: 'Request for marketing' }).click();
  await analyst.page.getByText('Waits for a decision').waitFor();

  await runSql(analyst.page, 'SELECT * FROM sales.orders');
  await analyst.page.getByRole('alert').getByRole('link', { name: 'Open sales.shop-orders' }).waitFor();

  const steward = await enterAs('steward of sales');
  await steward.page.getByRole('link', { name: /^Queue/ }).click();
  await steward.page.getByRole('checkbox', { name: /email/ }).uncheck();
  await steward.page.getByLabel('Mask of amount').selectOption('replace-with-null');
  await steward.page.getByLabel(/Only rows where/).fill("regon = 'NORTH'");
  await steward.page.getByRole('button', { name: 'Approve' }).click();
  await steward.page.getByText("there is no column 'regon'").first().waitFor();
  await steward.page.getByLabel(/Only rows where/).fill("region = 'NORTH'");
  await steward.page.getByLabel(/Only columns tagged/).fill('topic:trad');
  await steward.page.getByRole('button', { name: 'Approve' }).click();
  await steward.page.getByText('the tag topic has no value trad').first().waitFor();
  await steward.page.getByLabel(/Only columns tagged/).fill('reach:contact');
  await steward.page.getByRole('button', { name: 'Approve' }).click();
  await steward.page.locator('[id$="-problem"]', { hasText: 'reach' }).waitFor();
  await steward.page.getByLabel(/Only columns tagged/).fill('');
  await steward.page.getByRole('button', { name: 'topic:trade', exact: true }).click();
  await steward.page.getByText('Today 3 columns of 3: id, region, amount').waitFor();
  await steward.page.getByRole('button', { name: 'Approve' }).click();
  await steward.page.getByText('Approved: marketing for Shop orders.').waitFor();

  await runSql(analyst.page, 'SELECT * FROM sales.orders ORDER BY id');
  await analyst.page.getByText('2 rows').waitFor();
  expect(await cells(analyst.page)).toEqual(['1', 'NORTH', 'null', '2', 'NORTH', 'null']);

  await steward.page.goto('/products/sales/shop-orders?tab=consumers');
  await steward.page.getByRole('button', { name: /^Revoke the access of marketing/ }).click();
  await steward.page.getByRole('dialog').getByLabel('Reason').fill('the trial is over');
  await steward.page.getByRole('button', { name: 'Revoke access' }).click();
  await steward.page.getByText('revoked', { exact: true }).waitFor();

  await runSql(analyst.page, 'SELECT * FROM sales.orders');
  await analyst.page.getByText('query.no-subscription').waitFor();
  await analyst.page.goto('/access');
  await analyst.page.getByText('The trial is over').waitFor();
  await analyst.page.getByText('revoked, proven').waitFor();
  await leave(analyst);
  await leave(steward);
});

test('an owner lets another domain approve up to a ceiling, and takes it back', async () => {
  const owner = await enterAs('owner of sales');
  const { page } = owner;
  await page.goto('/products/sales/shop-orders?tab=consumers');
  await page.getByRole('button', { name: 'Let somebody approve' }).click();
  await page.getByRole('textbox', { name: 'Who' }).fill('sales');
  await page.getByRole('checkbox', { name: /email/ }).uncheck();
  await page.getByRole('button', { name: 'Let them approve' }).click();
  await page.locator('[aria-invalid]').waitFor();
  await page.getByRole('textbox', { name: 'Who' }).fill('marketing');
  await page.getByRole('button', { name: 'Let them approve' }).click();
  const given = page.getByRole('list', { name: 'Delegations' });
  await given.getByText('id, region, amount').waitFor();

  const delegate = await enterAs('engineer of marketing', 400);
  await delegate.page.getByRole('link', { name: /^Queue/ }).click();
  await delegate.page.getByText('Products of others that you may decide about (1)').click();
  await delegate.page.getByText('given by owner of sales to marketing').waitFor();
  expect(await delegate.overflow()).toBeLessThanOrEqual(0);
  await leave(delegate);

  await page.getByRole('button', { name: 'Revoke the delegation of marketing' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('we decide again');
  await page.getByRole('button', { name: 'Revoke delegation' }).click();
  await page.getByText('Ended ones (1)').waitFor();
  await leave(owner);
});

test('the bell counts what is unread; the inbox leads to it, and is read by keyboard', async () => {
  const consumer = await enterAs('analyst of marketing');
  const { page } = consumer;
  await page.getByRole('link', { name: /^Inbox, \d+ unread$/ }).click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  const revoked = page.getByRole('link', { name: 'The access of marketing to sales.shop-orders was ended' });
  await revoked.waitFor();
  const mark = page.getByRole('button', { name: /^Mark as read/ });
  const before = await mark.count();
  await mark.first().focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => mark.count(), { timeout: 15_000 }).toBe(before - 1);
  await page.getByText('What comes into your inbox').click();
  await page.getByRole('checkbox', { name: /dataset.released/ }).uncheck();
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByRole('link', { name: 'Inbox', exact: true }).waitFor();
  await page.getByLabel('Only unread').check();
  await page.getByText('You have read everything').waitFor();
  await leave(consumer);

  const narrow = await enterAs('owner of marketing', 400);
  await narrow.page.goto('/inbox');
  await narrow.page.getByRole('list', { name: 'Entries' }).waitFor();
  expect(await narrow.overflow()).toBeLessThanOrEqual(0);
  await narrow.page.getByRole('link', { name: /marketing may now read/i }).click();
  await narrow.page.getByRole('heading', { name: 'Shop orders', level: 1 }).waitFor();
  await leave(narrow);
});

test('the owner’s people see the contract, the checks and the runs', async () => {
  const screen = await enterAs('engineer of sales');
  const { page } = screen;
  await page.goto('/products/sales/shop-orders');
  await page.getByRole('cell', { name: 'region', exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Contract' }).click();
  await page.getByText('apiVersion').waitFor();
  await page.getByRole('tab', { name: 'Quality' }).click();
  await page.getByText('(id) is the primary key').waitFor();
  await page.getByRole('tab', { name: 'Runs' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect.poll(() => page.getByText('released', { exact: true }).count(), { timeout: 20_000 }).toBe(2);
  await page.getByText('overwrite: 3 rows inserted, 3 rows deleted').waitFor();
  await page.getByText('least = 0').first().waitFor();
  await page.getByRole('link', { name: 'everything about this run' }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Run of orders', level: 1 }).waitFor();
  await page.getByText('released as release 2: 3 rows').waitFor();
  await page.getByRole('rowheader', { name: 'sales/shop · orders' }).waitFor();
  expect(await screen.overflow()).toBeLessThanOrEqual(0);
  await leave(screen);
});

test('a bad file: the run shows its rows, the incident is taken up, readers are told until it is mended', async () => {
  const runs = async (file: string) => {
    await mesh.source('sales/orders/orders.csv', file);
    await mesh.administrator.post('/api/v1/products/sales/shop-orders/run');
    await mesh.settle();
  };
  await runs(`${ORDERS}4,,1.00,zoe@shop.example\n`);
  const screen = await enterAs('engineer of sales');
  const { page } = screen;
  await page.goto('/products/sales/shop-orders?tab=runs');
  await page.getByText('blocked', { exact: true }).waitFor();
  const rows = page.getByRole('region', { name: /^Rows that fail: region/ });
  expect(await rows.getByRole('cell').allInnerTexts()).toEqual(['4', 'null', '1.00', 'zoe@shop.example']);
  await page.goto('/products/sales/shop-orders?tab=quality');
  await page.getByText(/^\d of \d passed in release 2/).waitFor();

  await page.getByRole('link', { name: /^Incidents/ }).click();
  const item = page.getByRole('listitem').filter({ hasText: 'sales.shop-orders.orders' });
  await item.getByText('1 check held back the last run').first().waitFor();
  await item.getByLabel('Comment for your colleagues').fill('The till sends no region');
  await page.keyboard.press('Enter');
  await item.getByText('acknowledged', { exact: true }).first().waitFor();
  await item.getByText(/The till sends no region/).waitFor();

  const reader = await enterAs('analyst of marketing', 400);
  await reader.page.goto('/products/sales/shop-orders');
  const notices = reader.page.getByRole('list', { name: 'Incidents' });
  await notices.getByText('its producer looks after it').waitFor();
  expect(await notices.innerText()).not.toContain('zoe');
  expect(await reader.overflow()).toBeLessThanOrEqual(0);
  await runs(ORDERS);
  await reader.page.reload();
  await reader.page.getByRole('heading', { name: 'Shop orders', level: 1 }).waitFor();
  expect(await notices.count()).toBe(0);
  await leave(reader);
  await page.goto('/incidents');
  await page.getByText('No incident', { exact: true }).waitFor();
  await leave(screen);
});

test('what a version changes for its readers, of the product and of each contract', async () => {
  await mesh.apply(filesOf('1.1.0'));
  await mesh.settle();
  const screen = await enterAs('analyst of marketing');
  const { page } = screen;
  await page.goto('/products/sales/shop-orders?tab=versions');
  const changed = page.locator('main');
  await changed.getByText('compatible', { exact: true }).first().waitFor();
  await changed
    .getByText(/source/)
    .first()
    .waitFor();
  await page.getByRole('tab', { name: 'Contract' }).click();
  await page.getByText('Versions of this contract').click();
  const versions = page.getByRole('list', { name: 'Versions of the contract of orders' });
  await versions.getByText('The first version.').waitFor();
  expect(await versions.getByText(/^1\.\d\.0$/).allInnerTexts()).toEqual(['1.1.0', '1.0.0']);
  await leave(screen);
});

test('an endpoint is added, its secret shown once, tested, paused and removed', async () => {
  const receiver = await Receiver.open();
  const screen = await enterAs('engineer of sales', 400);
  const { page } = screen;
  await page.getByRole('button', { name: 'engineer of sales' }).click();
  await page.getByRole('menuitem', { name: 'Webhooks' }).click();
  await page.getByRole('button', { name: 'Add an endpoint' }).click();
  await page.getByLabel('Address').fill('https://10.0.0.1/');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('webhook.address').waitFor();
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const secret = page.getByText(/^whsec_/);
  await secret.waitFor();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  expect(await secret.count()).toBe(0);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('answered 204').waitFor();
  expect(receiver.received).toHaveLength(1);
  await page.getByText('Last deliveries').click();
  await page.getByRole('list', { name: 'Deliveries' }).getByText('delivered').waitFor();
  expect(await screen.overflow()).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused by its owners').waitFor();
  expect(await page.getByRole('button', { name: 'Send a test' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Enable' }).click();
  await page.getByText('sending', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.getByText('Nothing is sent anywhere yet').waitFor();
  await leave(screen);
  await receiver.close();
});

test('a mistake in SQL is shown with its place, and the cursor goes there', async () => {
  const screen = await enterAs('analyst of sales');
  const { page } = screen;
  await runSql(page, 'SELECT id\nFROMM sales.orders WHERE');
  await page.getByRole('button', { name: 'Go to the place' }).click();
  await expect
    .poll(() => page.getByLabel('SQL').evaluate((area: { selectionStart: number }) => area.selectionStart))
    .toBeGreaterThan(9);
  await leave(screen);
});

test('a whole answer downloads as CSV', async () => {
  const screen = await enterAs('analyst of sales');
  const { page } = screen;
  await runSql(page, 'SELECT id, region FROM sales.orders ORDER BY id');
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as CSV' }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await file).createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString().trim().split('\n')).toEqual([
    'id,region',
    '1,NORTH',
    '2,NORTH',
    '3,SOUTH',
  ]);
  await leave(screen);
});

test('a steward erases a customer: a dry run, the value once more, a report, and no trace of it in the page', async () => {
  const steward = await enterAs('steward of sales', 400);
  const { page } = steward;
  await page.goto('/erasures?product=sales.shop-orders');
  const key = page.getByLabel('Key or identifier of the person');
  await key.fill('eve@shop.example');
  await page.getByLabel('Reason').fill('case 17');
  expect(await namelessControls(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start the dry run' }).click();
  await page.getByRole('button', { name: 'Erase for good…' }).click();
  await key.fill('bob@shop.example');
  await page.getByRole('button', { name: 'Erase for good', exact: true }).click();
  await page.getByText('erasure.other-subject').waitFor();
  await key.fill('eve@shop.example');
  await page.getByRole('button', { name: 'Erase for good', exact: true }).click();
  await page.getByText('Erased from sales.shop-orders, and not everywhere: see what remains.').waitFor();
  await page.getByText(/^1 row in source sales\/shop, table orders, file/).waitFor();
  expect(await page.evaluate(EVERYWHERE)).not.toContain('eve@');
  expect(await steward.overflow()).toBeLessThanOrEqual(0);
  await leave(steward);
});

const ADDRESSES = [
  '/',
  '/?q=orders',
  '/?q=nothing-like-this',
  '/products/sales/shop-orders',
  '/products/sales/shop-orders?tab=contract',
  '/products/sales/shop-orders?tab=consumers',
  '/products/sales/not-there',
  '/query',
  '/access',
  '/queue',
  '/basket',
  '/incidents?all=true',
  '/webhooks',
  '/audit',
  '/no/such/page',
  '/account',
  '/oauth/device',
];

test('every screen, wide and narrow, has one heading, named controls and no sideways scroll', async () => {
  const screen = await enterAs('owner of sales');
  const { page } = screen;
  for (const address of ADDRESSES) {
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.goto(address);
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
    await page.waitForLoadState('networkidle');
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 860 });
      const found = {
        headings: await page.getByRole('heading', { level: 1 }).count(),
        nameless: await namelessControls(page),
        overflow: await screen.overflow(),
      };
      expect([address, width, found]).toEqual([address, width, { headings: 1, nameless: [], overflow: 0 }]);
    }
  }
  await leave(screen);
});

/** Buttons, links and fields that a screen reader could only call "button". */
async function namelessControls(page: Page): Promise<string[]> {
  const tree = await page.locator('body').ariaSnapshot();
  return tree
    .split('\n')
    .filter((line) => /^\s*- (button|link|textbox|searchbox|combobox|checkbox|tab)(\s\[|:?$)/.test(line));
}
