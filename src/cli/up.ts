import type { Command } from 'commander';
import type { Options, Shell } from './command.ts';

export interface UpOptions {
  demo: boolean;
  port: string | undefined;
  data: string | undefined;
  sources: string | undefined;
}

/** Starts a server and resolves when it has stopped; given by main.ts, the only place that builds one. */
export type StartServer = (options: UpOptions, shell: Shell) => Promise<void>;

export function addUp(program: Command, shell: Shell, startServer: StartServer): void {
  const text = (value: string | boolean | string[] | undefined) =>
    typeof value === 'string' ? value : undefined;
  program
    .command('up')
    .description('start the server')
    .option('--demo', 'with a CPG company to try things on')
    .option('--port <port>', 'port to listen on (default 8420)')
    .option('--data <dir>', 'data folder (default .crossdock)')
    .option('--sources <dir>', 'folder whose sub folders are what the domains’ file sources may read')
    .action(async (options: Options) => {
      await startServer(
        {
          demo: options['demo'] === true,
          port: text(options['port']),
          data: text(options['data']),
          sources: text(options['sources']),
        },
        shell,
      );
    });
}
