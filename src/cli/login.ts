import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { MeshError } from '../base/errors.ts';
import { ApiClient } from './api-client.ts';
import { bind, type Session, type Shell } from './command.ts';
import { saveToken } from './saved-token.ts';

interface Me {
  principal: { name: string; email: string | null };
  administrator: boolean;
  domains: { name: string; role: string }[];
}

export function addLogin(program: Command, shell: Shell): void {
  const login = program
    .command('login')
    .description('keep a token for this server (asked for, read from standard input, or a demo person’s)')
    .option('--as <email>', 'one of the demo’s people (only while the server runs the demo)');
  bind(login, shell, async (session, _args, options) => {
    const secret =
      typeof options['as'] === 'string'
        ? await demoToken(session, options['as'])
        : await askForToken(session);
    const client = new ApiClient({ url: shell.config.url, token: secret, version: shell.version });
    const me = await client.call<Me>({ method: 'GET', path: '/me' });
    const path = await saveToken(shell.config, secret);
    print(session, me, path);
  });

  bind(program.command('whoami').description('who the token belongs to'), shell, async (session) => {
    print(session, await session.client.call<Me>({ method: 'GET', path: '/me' }), null);
  });
}

function print({ out }: Session, me: Me, path: string | null): void {
  if (out.json) return out.write(`${JSON.stringify(me, null, 2)}\n`);
  const roles = me.domains.map(({ name, role }) => `${role} of ${name}`);
  if (me.administrator) roles.unshift('administrator of the mesh');
  out.write(`${me.principal.name}${me.principal.email === null ? '' : ` <${me.principal.email}>`}\n`);
  out.write(`${roles.length === 0 ? 'member of no domain' : roles.join(', ')}\n`);
  if (path !== null) out.say(`token kept in ${path}\n`);
}

async function demoToken({ client }: Session, email: string): Promise<string> {
  const response = await client.send({ method: 'POST', path: '/demo/session', body: { email } });
  const cookie = response.headers.getSetCookie().find((text) => text.startsWith('crossdock_session='));
  const secret = /^crossdock_session=([^;]+)/.exec(cookie ?? '')?.[1];
  if (secret === undefined) throw new MeshError('cli.no-token');
  return decodeURIComponent(secret);
}

async function askForToken({ out }: Session): Promise<string> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  if (process.stdin.isTTY) out.say('Paste your token and press Enter: ');
  for await (const line of lines) {
    lines.close();
    if (line.trim() !== '') return line.trim();
  }
  throw new MeshError('cli.no-token');
}
