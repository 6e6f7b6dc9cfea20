import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Reply, Request } from './worker-protocol.ts';

const WORKER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './duckdb-worker.ts' : './duckdb-worker.js', import.meta.url),
);

/** `ulimit -d` bounds what malloc can reach, which DuckDB's memory_limit does not (scalar functions). */
const LIMITED =
  'ulimit -d "$1" || echo "no memory limit for workers: ulimit -d failed" >&2; shift; exec "$@"';

/** Queries of one worker must not starve each other's file access of threads. */
const THREAD_POOL_SIZE = '8';

/** Lines of a dying worker kept for the log. */
const STDERR_BYTES = 4_000;

export interface WorkerProcessOptions {
  /** Data segment of the process, `ulimit -d`; ignored where the system cannot (Windows). */
  dataBytes: number;
  onReply(reply: Reply): void;
  /** Called once when the process is gone, whoever ended it. */
  onExit(reason: string): void;
}

/** One child process with a message channel. */
export interface WorkerProcess {
  send(request: Request): void;
  kill(): void;
  /** Resolves when the process is gone. */
  gone: Promise<void>;
}

export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  const child = spawnLimited(options.dataBytes);
  let stderr = '';
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_BYTES)));
  child.on('message', (reply: Reply) => options.onReply(reply));
  const gone = ending(child).then((how) => options.onExit(`${how} ${stderr}`.trim()));
  return {
    gone,
    send: (request) => void (child.connected && child.send(request, () => undefined)),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** The environment is not passed on: a worker needs none of the server's secrets. */
function spawnLimited(dataBytes: number): ChildProcess {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', WORKER];
  const [command, ...args] =
    process.platform === 'win32'
      ? node
      : ['sh', '-c', LIMITED, 'sh', String(Math.ceil(dataBytes / 1024)), ...node];
  return spawn(command!, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: {
      MALLOC_ARENA_MAX: '4',
      UV_THREADPOOL_SIZE: THREAD_POOL_SIZE,
      HOME: '/nonexistent',
      PATH: '/usr/bin:/bin',
    },
    windowsHide: true,
  });
}

/** How the process ended, in words; a failed spawn gives `error` and no `exit`. */
function ending(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(`exit code ${code}, signal ${signal}`));
    child.on('error', (error) => resolve(error.message));
  });
}
