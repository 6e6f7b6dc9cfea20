import { Command, CommanderError } from 'commander';
import { addApplications } from './applications.ts';
import { addAudit } from './audit.ts';
import { addCatalog } from './catalog.ts';
import { EXIT, reportError, type Shell } from './command.ts';
import { addDelegations } from './delegations.ts';
import { addDoctor } from './doctor.ts';
import { addErase } from './erase.ts';
import { addExplain } from './explain.ts';
import { addIncidents } from './incidents.ts';
import { addInbox } from './inbox.ts';
import { addLineage } from './lineage.ts';
import { addLogin } from './login.ts';
import { addMeshFolder } from './mesh-folder.ts';
import { addPeople } from './people.ts';
import { addPipelines } from './pipelines.ts';
import { addProducts } from './products.ts';
import { addQuery } from './query.ts';
import { addSources } from './sources.ts';
import { addSubscriptions } from './subscriptions.ts';
import { addElevations } from './elevations.ts';
import { addTokens } from './tokens.ts';
import { addUp, type StartServer } from './up.ts';
import { addWebhooks } from './webhooks.ts';

/** Runs the command line; returns the exit code. */
export async function runProgram(argv: string[], shell: Shell, startServer: StartServer): Promise<number> {
  const program = new Command('crossdock')
    .description('the data mesh for consumer packaged goods')
    .version(shell.version)
    .configureOutput({ writeOut: shell.stdout, writeErr: shell.stderr })
    // What follows a command is the command's: `inbox kinds --json` asks for the kinds as JSON.
    .enablePositionalOptions()
    .showHelpAfterError('(crossdock --help shows every command)');
  addUp(program, shell, startServer);
  addLogin(program, shell);
  addMeshFolder(program, shell);
  addSources(program, shell);
  addProducts(program, shell);
  addPipelines(program, shell);
  addCatalog(program, shell);
  addIncidents(program, shell);
  addSubscriptions(program, shell);
  addElevations(program, shell);
  addDelegations(program, shell);
  addInbox(program, shell);
  addWebhooks(program, shell);
  addExplain(program, shell);
  addLineage(program, shell);
  addQuery(program, shell);
  addTokens(program, shell);
  addPeople(program, shell);
  addApplications(program, shell);
  addErase(program, shell);
  addAudit(program, shell);
  addDoctor(program, shell);
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap((parent) => parent.commands),
  ]) {
    command.exitOverride();
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    // Commander has said it already, or it was --help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportError(error, shell, argv.includes('--json'));
  }
}
