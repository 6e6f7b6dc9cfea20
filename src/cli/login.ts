import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { MeshError } from '../base/errors.ts';
import { ApiClient } from './api-client.ts';
import { bind, type Options, type Session, type Shell } from './command.ts';
import { endLogin, loginByDevice } from './issuer-client.ts';
import { readSavedToken, type SavedLogin, saveToken } from './saved-token.ts';

interface Me {
  principal: { name: string; email: string | null };
  administrator: boolean;
  domains: { name: string; role: string }[];
}

export function addLogin(program: Command, shell: Shell): void {
  const login = program
    .command('login')
    .description('sign in at this server: in a browser, by a token, or as one of the demo’s people')
    .option('--token', 'ask for a token, or read it from standard input')
    .option('--device', 'in a browser, on this machine or any other (default in a terminal)')
    .option('--as <email>', 'one of the demo’s people (only while the server runs the demo)');
  bind(login, shell, async (session, _args, options) => {
    const given = await signIn(session, options);
    const token = typeof given === 'string' ? given : given.access;
    const client = new ApiClient({ url: shell.config.url, token, version: shell.version });
    const me = await client.call<Me>({ method: 'GET', path: '/me' });
    const path = await saveToken(shell.config, given);
    print(session, me, path);
  });

  bind(program.command('logout').description('forget the token of this server'), shell, async ({ out }) => {
    const saved = await readSavedToken(shell.config);
    if (saved !== null && typeof saved !== 'string') await endLogin(shell, saved);
    if (saved !== null) await saveToken(shell.config, null);
    out.write(out.json ? `${JSON.stringify({ forgotten: saved !== null })}\n` : 'signed out\n');
  });

  bind(program.command('whoami').description('who the token belongs to'), shell, async (session) => {
    print(session, await session.client.call<Me>({ method: 'GET', path: '/me' }), null);
  });
}

async function signIn(session: Session, options: Options): Promise<string | SavedLogin> {
  if (typeof options['as'] === 'string') return demoToken(session, options['as']);
  const inBrowser = options['device'] === true || (process.stdin.isTTY && options['token'] !== true);
  if (inBrowser) return loginByDevice(session.shell, session.out.say);
  return askForToken(session);
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
  const call = { method: 'POST', path: '/demo/token', body: { email } } as const;
  return (await client.call<{ secret: string }>(call)).secret;
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
