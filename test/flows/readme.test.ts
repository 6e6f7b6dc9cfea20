import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../fixtures/source-tree.ts';
import { startTyped, type TypedServer } from '../fixtures/typed-server.ts';

/** The tour of the README, typed in as it stands there, against a demo that was just started. */

const folder = mkdtempSync(join(tmpdir(), 'crossdock-readme-'));
let server: TypedServer;
let environment: Record<string, string | undefined>;

beforeAll(async () => {
  environment = {
    ...process.env,
    CROSSDOCK_CONFIG: join(folder, 'config'),
    CROSSDOCK_TOKEN: undefined,
    NO_COLOR: '1',
  };
  const args = ['up', '--demo', '--port', '0', '--data', join(folder, 'data')];
  server = await startTyped(args, { cwd: ROOT, env: environment, until: /Stop with Ctrl\+C/ });
  environment['CROSSDOCK_URL'] = server.url;
}, 180_000);

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('every command of the tour gives what the README shows', { timeout: 120_000 }, async () => {
  const steps = tourOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  expect(steps.length).toBeGreaterThan(10);
  const ids = new Map<string, string>();
  let variables = '';
  for (const { command, shown } of steps) {
    const typed = [...ids].reduce(
      (text, [there, here]) => text.replaceAll(there, here),
      inYearsToCome(command),
    );
    if (/^[A-Z]+=/.test(typed)) {
      variables += `${typed}\n`;
      continue;
    }
    const output = await type(variables + typed);
    for (const [index, id] of (idsOf(shown) ?? []).entries()) ids.set(id, idsOf(output)?.[index] ?? id);
    expect([command, missingLines(shown, output)]).toEqual([command, []]);
    // What is shown without output must not have been refused.
    expect([command, isRefused(output)]).toEqual([command, isRefused(shown)]);
  }
  expect(ids.size).toBeGreaterThan(0);
});

interface Step {
  command: string;
  shown: string;
}

/** Commands behind `$ ` in the README's code, with what is shown below them. */
function tourOf(readme: string): Step[] {
  const blocks = [...readme.matchAll(/^```\n(\$ [^]*?)^```/gm)].map(([, block]) => block!);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [, command = '', shown = ''] = /^((?:.*\\\n)*.*)\n([^]*)$/.exec(text) ?? [];
        return { command, shown };
      }),
  );
}

/** What a terminal shows: both streams. Files go to the test's own folder, the port is the test's own. */
function type(command: string): Promise<string> {
  const script = `crossdock() { "${ROOT}/crossdock" "$@"; }; set -e; ${command
    .replaceAll('./crossdock', 'crossdock')
    .replaceAll('http://localhost:8420', environment['CROSSDOCK_URL'] ?? '')}`;
  return new Promise((resolve) => {
    execFile('sh', ['-c', `{ ${script}\n} 2>&1`], { cwd: folder, env: environment }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}

/** Whoever types an end in a later year than the README was written names a day that is still to come. */
const inYearsToCome = (command: string) =>
  command.replace(/--until \d{4}/, `--until ${new Date().getUTCFullYear() + 1}`);

const idsOf = (text: string) => text.match(/\b[a-z]{3}_[0-9a-z]{26}\b/g);

const isRefused = (text: string) => /^error |"requestId":/m.test(text);

/** Lines of the README that the program did not print. The demo's year ends today: numbers and dates are its own. */
function missingLines(shown: string, output: string): string[] {
  const printed = output.split('\n').map(withoutNumbers);
  return shown
    .split('\n')
    .filter((line) => line.trim() !== '' && line !== '…')
    .filter((line) => {
      const pattern = withoutNumbers(line).split('…').map(RegExp.escape).join('.*');
      return !printed.some((one) => new RegExp(`^${pattern}$`).test(one));
    });
}

/** Widths of columns follow the numbers, so runs of spaces and rules count once. */
function withoutNumbers(line: string): string {
  return line
    .replace(/\b[a-z]{3}_[0-9a-z]{26}\b/g, 'ID')
    .replace(/\d[\d,.]*/g, '0')
    .replace(/─+/g, '─')
    .replace(/ +/g, ' ')
    .trim();
}
