// `npm test`: type check, then every test. Arguments go to the test runner (npm test -- src/lake).
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2);
for (const [command, ...rest] of [
  ['tsc', '-p', '.'],
  ['tsc', '-p', 'web'],
  ['vitest', 'run', ...args],
]) {
  const done = spawnSync(command, rest, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
