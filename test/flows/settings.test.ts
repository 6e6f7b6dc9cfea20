import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { isMeshError } from '../../src/base/errors.ts';
import { type Environment, readClientConfig, readConfig } from '../../src/config.ts';
import { ROOT } from '../fixtures/source-tree.ts';

function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (isMeshError(error, 'config.invalid')) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

const WRONG: Environment = {
  CROSSDOCK_PORT: 'abc',
  CROSSDOCK_WORKERS: '65',
  CROSSDOCK_DATABASE_URL: 'mysql://root:hunter2@db/x',
  CROSSDOCK_SECRET_KEY: 'hunter2',
  CROSSDOCK_WEBHOOK_NETWORKS: 'everywhere',
  CROSSDOCK_OIDC_ISSUER: 'http://login.example.com',
  CROSSDOCK_OIDC_ROLES: '[{"role":"king"}]',
  CROSSDOCK_PROT: '1',
};

test('every wrong setting of the server is named at once, and no value of a secret one', () => {
  const problems = problemsOf(() => readConfig(WRONG));
  const names = problems.map((problem) => problem.split(':')[0]);
  expect(new Set(names)).toEqual(new Set([...Object.keys(WRONG), 'CROSSDOCK_OIDC_CLIENT_ID']));
  expect(problems).toContain('CROSSDOCK_PORT: must be a whole number from 0 to 65535');
  expect(problems).toContain('CROSSDOCK_PROT: there is no such setting; did you mean CROSSDOCK_PORT?');
  expect(problems.join()).not.toMatch(/hunter2/);
});

test('a flag wins over a wrong variable, and empty ones are not set', () => {
  expect(readConfig({ CROSSDOCK_PORT: 'abc', CROSSDOCK_HOST: '' }, { CROSSDOCK_PORT: '1' })).toMatchObject({
    ...{ port: 1, host: '127.0.0.1', secretKeys: null, company: null, webhookNetworks: [] },
  });
});

test('commands without a server do not ask for the settings of one', () => {
  expect(problemsOf(() => readClientConfig({ CROSSDOCK_PORT: 'abc' }))).toEqual([]);
  expect(problemsOf(() => readClientConfig({ CROSSDOCK_PORT: 'abc', CROSSDOCK_URL: 'x' }))).toHaveLength(1);
});

test('the program says it as any other error: every problem, what to do, no stack', async () => {
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const env = { ...process.env, CROSSDOCK_PROT: '1', CROSSDOCK_PORT: 'abc', CROSSDOCK_CONFIG: tmpdir() };
    execFile('./crossdock', ['up'], { cwd: ROOT, env }, (error, _stdout, said) =>
      resolve({ code: error?.code, stderr: said }),
    );
  });
  expect([code, stderr]).toEqual([
    1,
    `error config.invalid: the configuration is not valid
  CROSSDOCK_PORT: must be a whole number from 0 to 65535
  CROSSDOCK_PROT: there is no such setting; did you mean CROSSDOCK_PORT?
  → Correct every variable named and start again.
`,
  ]);
});
