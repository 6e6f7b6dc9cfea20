import { readFileSync } from 'node:fs';
import { reportError, type Shell } from './cli/command.ts';
import { runProgram } from './cli/program.ts';
import type { UpOptions } from './cli/up.ts';
import { defaultClientConfig, readClientConfig } from './config.ts';

/** Runs one command with this process's streams, signals and environment, and gives its exit code. */
export async function runCommandLine(argv: string[]): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  // A reader that closes its end (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const shell: Shell = {
    // Says what is wrong with the environment, where something is.
    config: defaultClientConfig(),
    version,
    signal: interruption(),
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    openEngine: async (...options) => (await import('./mesh.ts')).openLocalEngine(...options),
  };
  try {
    const config = readClientConfig(undefined, argv[0] === 'up');
    return await runProgram(argv, { ...shell, config }, serve);
  } catch (error) {
    return reportError(error, shell, argv.includes('--json'));
  }
}

/** The server is most of the program: commands that need none do not wait for it. */
async function serve(options: UpOptions, shell: Shell): Promise<void> {
  return (await import('./serve.ts')).serve(options, shell);
}

function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second one means it.
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort();
    });
  }
  return interrupted.signal;
}
