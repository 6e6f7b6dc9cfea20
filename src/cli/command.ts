import type { Command } from 'commander';
import { MeshError } from '../base/errors.ts';
import { type ClientConfig } from '../config.ts';
import type { Engine } from '../engines/engine.ts';
import { ApiClient, RefusedError } from './api-client.ts';
import { accessTokenOf } from './issuer-client.ts';
import { type Output, printProblems, red } from './output.ts';
import { readSavedToken } from './saved-token.ts';

/** DESIGN: 0 ok, 1 failed, 2 refused or would change, 64 usage (sysexits.h). */
export const EXIT = { ok: 0, failed: 1, refused: 2, usage: 64 } as const;

/** What a command runs with. */
export interface Shell {
  config: ClientConfig;
  version: string;
  signal: AbortSignal;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** An engine of this process, for commands that need no server; it spills below the folder. */
  openEngine: (folder: string, memoryBytes: number) => Promise<Engine>;
  /** Between two questions of `login` whether somebody has agreed; as the server says, unless it is given. */
  pollMs?: number;
}

export interface Session {
  client: ApiClient;
  out: Output;
  shell: Shell;
}

export type Options = Record<string, string | boolean | string[] | undefined>;

/**
 * Gives a command its action: `run` gets the session, its arguments and options and returns the exit code
 * (default 0). With `--json` it writes the result itself as JSON.
 */
export function bind(
  command: Command,
  shell: Shell,
  run: (session: Session, args: string[], options: Options) => Promise<number | void>,
): void {
  command.option('--json', 'machine-readable output');
  command.action(async (...given: unknown[]) => {
    const options = command.opts<Options>();
    const args = given.slice(0, -2).flat() as string[];
    const out = outputOf(shell, options['json'] === true);
    const session = { client: await clientOf(shell), out, shell };
    process.exitCode = (await run(session, args, options)) ?? EXIT.ok;
  });
}

/** A client that speaks with the token given, or with what `login` kept for this server. */
async function clientOf(shell: Shell): Promise<ApiClient> {
  const { url, token: given } = shell.config;
  const saved = given ?? (await readSavedToken(shell.config));
  const token = saved === null || typeof saved === 'string' ? saved : await accessTokenOf(shell, saved);
  return new ApiClient({ url, token, version: shell.version });
}

export function outputOf(shell: Shell, json: boolean): Output {
  return {
    json,
    color: shell.config.color && process.stdout.isTTY === true && !json,
    write: shell.stdout,
    say: shell.stderr,
  };
}

/** Says what went wrong and what to do; returns the exit code. */
export function reportError(error: unknown, shell: Shell, json: boolean): number {
  const out = outputOf(shell, json);
  const known = describe(error);
  if (json) {
    shell.stdout(`${JSON.stringify(known, null, 2)}\n`);
    return known.exitCode;
  }
  shell.stderr(`${red(out, 'error')} ${known.code}: ${known.message}\n`);
  printProblems(shell.stderr, known.problems);
  if (known.fix !== '') shell.stderr(`  → ${known.fix}\n`);
  return known.exitCode;
}

function describe(error: unknown) {
  if (error instanceof RefusedError) {
    const { code, title, fix, problems, requestId, status } = error.answer;
    return {
      code,
      message: title,
      fix,
      problems,
      requestId,
      exitCode: status >= 500 ? EXIT.failed : EXIT.refused,
    };
  }
  if (error instanceof MeshError) {
    const exitCode = error.status >= 500 ? EXIT.failed : EXIT.refused;
    return { code: error.code, message: error.message, fix: error.fix, problems: error.problems, exitCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, fix: '', problems: [], exitCode: EXIT.failed };
}
