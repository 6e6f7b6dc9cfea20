// Sets a clone up: installs the packages and builds the web app, each only when something changed.
// Runs on any Node from 20, without any package: it is what brings the packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, 'node_modules', '.crossdock-setup');
const lock = join(root, '.setup.lock');
const wantsWeb = !process.argv.includes('--no-web');

await withLock(() => {
  step('packages', ['package.json', 'package-lock.json', 'web/package.json'], 'node_modules/fastify', () =>
    run(
      'npm',
      ['ci', '--include=optional', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
      'Installing packages (once)',
    ),
  );
  checkNode();
  if (wantsWeb) {
    step(
      'web',
      [
        'web/src',
        'web/public',
        'web/index.html',
        'web/package.json',
        'web/vite.config.ts',
        'package-lock.json',
      ],
      'web/dist/index.html',
      () => run('npm', ['run', 'build', '--silent', '-w', 'web'], 'Building the web app (once)'),
    );
  }
});

/** Does `work` unless its inputs have the hash of last time and its result is there. */
function step(name, inputs, result, work) {
  const hash = createHash('sha256');
  for (const input of inputs) addToHash(hash, join(root, input));
  hash.update(process.platform + process.arch);
  const digest = hash.digest('hex');
  const stamp = join(stamps, name);
  if (existsSync(join(root, result)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, digest);
}

function addToHash(hash, path) {
  if (!existsSync(path)) return;
  hash.update(relative(root, path));
  if (!statSync(path).isDirectory()) return void hash.update(readFileSync(path));
  for (const name of readdirSync(path).sort()) addToHash(hash, join(path, name));
}

function run(command, args, title) {
  process.stderr.write(`${title} …\n`);
  const started = Date.now();
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
  // The output of npm scripts is for us alone: shown when something fails.
  const done = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) {
    process.stderr.write(
      `${done.stdout ?? ''}${done.stderr ?? ''}\n${title} failed${done.error ? `: ${done.error.message}` : ''}.\n`,
    );
    process.exit(1);
  }
  process.stderr.write(`${title} … done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Where no Node comes with the packages, the machine's own has to strip types: 22.18 or newer. */
function checkNode() {
  if (existsSync(join(root, 'node_modules', '.bin', 'node'))) return;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  process.stderr.write(
    `Crossdock needs Node.js 22.18 or newer on this system; found ${process.version}. Install it from nodejs.org.\n`,
  );
  process.exit(1);
}

/** One set-up at a time: a second `npm start` waits; a dead process's lock is taken over. */
async function withLock(work) {
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    for (;;) {
      try {
        linkSync(draft, lock);
        break;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
        if (!holderLives()) rmSync(lock, { force: true });
        else await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  await work();
}

function holderLives() {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (!(pid > 0)) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
