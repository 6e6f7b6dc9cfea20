import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, type Line, median, milliseconds } from './bench.ts';

const BAR_MS = 2_500;
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const LOOK_MS = 5;

/** From the start of the process to the first answer of `/readyz`, on the embedded database. */
export const startUp: Bench = {
  name: 'start-up',
  async run({ quick }) {
    const firsts: number[] = [];
    const seconds: number[] = [];
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      const folder = await mkdtemp(join(tmpdir(), 'crossdock-start-'));
      try {
        firsts.push(await startOnce(folder));
        for (let again = 0; again < (quick ? 2 : 3); again++) seconds.push(await startOnce(folder));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    return [line('first start to ready', firsts, null), line('second start to ready', seconds, BAR_MS)];
  },
};

function line(subject: string, elapsedMs: number[], barMs: number | null): Line {
  const middle = median(elapsedMs);
  return {
    subject: `${subject}, embedded database`,
    measured: `${milliseconds(Math.min(...elapsedMs))} to ${milliseconds(Math.max(...elapsedMs))}`,
    yardstick: '',
    result: `median ${milliseconds(middle)}`,
    bar: barMs === null ? '' : `<= ${barMs} ms`,
    ok: barMs === null ? null : middle <= barMs,
  };
}

async function startOnce(folder: string): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const server = spawn(process.execPath, [MAIN, 'up', '--port', String(port), '--data', folder], {
    stdio: 'ignore',
  });
  const gone = once(server, 'exit');
  try {
    while (!(await isReady(port))) {
      if (server.exitCode !== null) throw new Error(`the server ended with code ${server.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return performance.now() - started;
  } finally {
    server.kill('SIGTERM');
    await gone;
  }
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
