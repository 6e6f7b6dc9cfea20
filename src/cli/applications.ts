import type { Command } from 'commander';
import { bind, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Application {
  id: string;
  name: string;
  redirectUris: string[];
}

export function addApplications(program: Command, shell: Shell): void {
  const application = program
    .command('application')
    .description('programs that people may let act for them in a browser');
  const create = application
    .command('create')
    .argument('<name>')
    .requiredOption('--redirect <uri...>', 'where people come back to, compared exactly')
    .description('register one; prints its client_id');
  bind(create, shell, async ({ client, out }, [name], { redirect }) => {
    const body = { name, redirectUris: redirect };
    const made = await client.call<Application>({ method: 'POST', path: '/applications', body });
    out.write(out.json ? `${JSON.stringify(made, null, 2)}\n` : `${made.id}\n`);
  });
  bind(application.command('list').description('all of them'), shell, async ({ client, out }) => {
    const answer = await client.call<{ applications: Application[] }>({
      method: 'GET',
      path: '/applications',
    });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    const rows = answer.applications.map((one) => [one.id, one.name, one.redirectUris.join(' ')]);
    printTable(out, ['client_id', 'name', 'redirect'], rows);
  });
  bind(
    application.command('remove').argument('<id>').description('its tokens end now'),
    shell,
    async ({ client, out }, [id = '']) => {
      const answer = await client.call({ method: 'DELETE', path: `/applications/${encodeURIComponent(id)}` });
      out.write(out.json ? `${JSON.stringify(answer)}\n` : `${id} is removed\n`);
    },
  );
  const issuer = program.command('issuer').description('the mesh’s own issuer of tokens');
  const rotate = issuer
    .command('rotate')
    .description('a new signing key; older ones verify for a week')
    .option('--forget', 'older ones count no more: one was stolen');
  bind(rotate, shell, async ({ client, out }, _args, { forget }) => {
    const body = { forget: forget === true };
    const answer = await client.call<{ key: string }>({ method: 'POST', path: '/issuer/rotate', body });
    out.write(out.json ? `${JSON.stringify(answer)}\n` : `${answer.key} signs now\n`);
  });
}
