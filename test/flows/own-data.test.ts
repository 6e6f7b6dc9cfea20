import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../fixtures/source-tree.ts';
import { startTyped, type TypedServer } from '../fixtures/typed-server.ts';
import { WebClient } from '../fixtures/web-client.ts';

/** "Your own data" of the README, typed in as it stands there, on a mesh that was just made. */

const folder = mkdtempSync(join(tmpdir(), 'crossdock-own-data-'));
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const section = /^## Your own data$([^]*?)^## /m.exec(readme)![1]!;
const [, members = ''] = /^```yaml\n([^]*?)^```/m.exec(section)!;
const [start = '', ...commands] = section.match(/^\.\/crossdock .*?(?= +#|$)/gm)!;
const FIRST_LINK = /\n {2}(http\S+#\S+)\n/;
const PRODUCT = 'mesh/domains/sales/products/sell-out';

const environment: Record<string, string | undefined> = {
  ...process.env,
  CROSSDOCK_PORT: '0',
  CROSSDOCK_URL: undefined,
  CROSSDOCK_CONFIG: join(folder, 'config'),
  CROSSDOCK_TOKEN: undefined,
  NO_COLOR: '1',
};
let server: TypedServer;
let firstLink = '';

beforeAll(async () => {
  put(
    'raw/sales/tills/receipts/january.csv',
    'receipt_no,day,amount\n1,2026-01-02,10.50\n2,2026-01-02,3.25\n',
  );
  put('mesh/mesh.yaml', 'name: shop\ntitle: Shop\ndescription: A shop.\n');
  put('mesh/domains/sales/domain.yaml', `name: sales\ntitle: Sales\ndescription: Sells.\n${members}`);
  put(
    'mesh/domains/sales/sources/tills.yaml',
    'kind: files\ntitle: Tills\npath: tills\ntables: { receipts: { files: receipts/*.csv, format: csv } }\n',
  );
  server = await startTyped(start.split(' ').slice(1), { cwd: folder, env: environment, until: FIRST_LINK });
  environment['CROSSDOCK_URL'] = server.url;
  firstLink = FIRST_LINK.exec(server.said)![1]!;
}, 60_000);

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a new mesh comes to its first release by what the README says', { timeout: 120_000 }, async () => {
  let link = firstLink;
  let kept = '';
  for (const command of commands) {
    if (command.includes(' apply ./mesh/domains/sales')) putProduct(kept);
    const { code, output } = command.endsWith(' login') ? await signIn(link) : await type(command);
    expect([command, code, code === 0 ? '' : output]).toEqual([command, 0, '']);
    kept = command.includes(' infer ') ? output : kept;
    link = /http\S+#\S+/.exec(output)?.[0] ?? link;
  }
  expect(commands.map((command) => command.split(' ')[1])).toEqual(
    'login apply person login crawl contract apply pipeline'.split(' '),
  );
  const { output } = await type(
    "./crossdock query 'SELECT sum(amount) AS amount FROM sales.sell_out' --json",
  );
  expect(output).toMatch(/13\.75/);
  const closed = await type('./crossdock product publish sales.sell-out');
  expect(closed.output).toMatch(
    /is published\n {2}but nobody outside sales can find it.*\n {2}→ .*access\.cedar/,
  );
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** What an engineer writes: the draft with its comments taken in, a product, and the SELECT. */
function putProduct(draft: string): void {
  const contract = draft
    .replaceAll('receipts', 'sell_out')
    .replace(/^( *)# (?! *[A-Z])/gm, '$1')
    .replaceAll(": ''", ': Known to all.')
    .replace('version: 0.1.0', 'version: 1.0.0')
    .replace('status: draft', 'status: active');
  const id = /^id: (\S+)$/m.exec(contract)![1];
  put(`${PRODUCT}/sell_out.odcs.yaml`, contract);
  put(
    `${PRODUCT}/product.odps.yaml`,
    `apiVersion: v1.0.0
kind: DataProduct
id: sales.sell-out
name: sell-out
version: 1.0.0
status: active
domain: sales
description: { purpose: What was sold. }
outputPorts:
  - { name: sell_out, version: 1.0.0, type: tables, contractId: ${id} }
`,
  );
  put(`${PRODUCT}/sell_out.sql`, 'SELECT * FROM tills.receipts\n');
}

/** In a browser with the link, as far as a test has one; then the token that agreeing to the code would give. */
async function signIn(link: string): Promise<{ code: number; output: string }> {
  const browser = new WebClient(server.url);
  const code = new URL(link).hash.slice(1);
  const session = { code, password: 'four green tills in a row' };
  expect((await browser.send('POST', '/api/v1/session', session)).status).toBe(200);
  const made = await browser.send('POST', '/api/v1/tokens', {
    name: 'login',
    scopes: ['read', 'query', 'write', 'admin'],
    days: 1,
  });
  expect(made.status).toBe(200);
  return type('./crossdock login --token', `${made.body.secret}\n`);
}

function type(command: string, input = ''): Promise<{ code: number; output: string }> {
  const typed = command.replace('./crossdock', `'${join(ROOT, 'crossdock')}'`);
  return new Promise((resolve) => {
    const child = execFile(
      'sh',
      ['-c', `${typed} 2>&1`],
      { cwd: folder, env: environment },
      (error, output) => resolve({ code: error === null ? 0 : Number(error.code), output }),
    );
    child.stdin!.end(input);
  });
}
