import { once } from 'node:events';
import type { Shell } from './cli/command.ts';
import type { UpOptions } from './cli/up.ts';
import { readConfig } from './config.ts';
import { openDemo } from './demo.ts';
import { openMesh } from './mesh.ts';

/** Runs a server until it is told to stop. Logs go to standard output as JSON lines; words for people to standard error. */
export async function serve(options: UpOptions, shell: Shell): Promise<void> {
  const started = performance.now();
  const config = readConfig(undefined, {
    CROSSDOCK_PORT: options.port,
    CROSSDOCK_DATA: options.data,
    CROSSDOCK_SOURCES: options.sources,
    // A demo talks to people: its log is for when something goes wrong.
    ...(options.demo ? { CROSSDOCK_LOG_LEVEL: 'warn' } : {}),
  });
  const mesh = await openMesh({ config, version: shell.version, demo: options.demo });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  shell.stderr(`\nCrossdock ${shell.version} is ready at ${mesh.url} (${seconds} s)\n`);
  if (mesh.firstToken !== null) {
    shell.stderr(
      `\nFirst start: the administrator's token, shown only now and kept in ${mesh.firstToken.path}\n`,
    );
    shell.stderr(`  ${mesh.firstToken.secret}\n`);
    const { url, firstToken } = mesh;
    if (!options.demo) shell.stderr(`\nOr set a password (counts once):\n  ${url}${firstToken.linkPath}\n`);
  }
  try {
    if (options.demo) await openDemo(mesh, config, shell);
    if (!shell.signal.aborted) await once(shell.signal, 'abort');
  } finally {
    shell.stderr('\nstopping …\n');
    await mesh.close();
  }
}
