import type { Command } from 'commander';
import { bind, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Token {
  id: string;
  name: string;
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
}

export function addTokens(program: Command, shell: Shell): void {
  const token = program.command('token').description('create, list and revoke tokens');
  const create = token
    .command('create')
    .description('create a token; its secret is shown once')
    .option('--name <name>', 'what it is for', 'token')
    .option('--scopes <list>', 'read, query, write, admin, separated by commas')
    .option('--days <n>', 'how long it counts', '90')
    .option('--service <domain/name>', 'for a service account of a domain you own');
  bind(create, shell, async ({ client, out }, _args, { name, scopes, days, service }) => {
    const list = (scopes as string | undefined)?.split(',').map((scope) => scope.trim());
    const body = { name, scopes: list, days, service };
    const answer = await client.call<{ id: string; secret: string; expiresAt: string }>({
      method: 'POST',
      path: '/tokens',
      body,
    });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    out.write(`${answer.secret}\n`);
    out.say(`${answer.id}, until ${answer.expiresAt}; this is the only time the secret is shown\n`);
  });

  const list = token
    .command('list')
    .description('your tokens, or those of a service account')
    .option('--service <domain/name>', 'of a service account of a domain you own');
  bind(list, shell, async ({ client, out }, _args, { service }) => {
    const answer = await client.call<{ tokens: Token[] }>({
      method: 'GET',
      path: '/tokens',
      query: { service: service as string | undefined },
    });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    printTable(
      out,
      ['id', 'name', 'scopes', 'created', 'until', 'revoked'],
      answer.tokens.map((row) => [
        row.id,
        row.name,
        row.scopes.join(', '),
        row.createdAt,
        row.expiresAt ?? 'no end',
        row.revokedAt ?? '',
      ]),
    );
  });

  bind(
    token.command('revoke').argument('<id>').description('revoke a token now'),
    shell,
    async ({ client, out }, [id = '']) => {
      const answer = await client.call({ method: 'DELETE', path: `/tokens/${encodeURIComponent(id)}` });
      out.write(out.json ? `${JSON.stringify(answer)}\n` : `${id} is revoked\n`);
    },
  );
}
