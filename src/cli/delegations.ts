import type { Command } from 'commander';
import { bind, type Session, type Shell } from './command.ts';
import { count, printTable } from './output.ts';
import { lastDay } from './subscription-table.ts';
import { narrowing } from './subscriptions.ts';

interface Delegation {
  id: string;
  product: string;
  to: { kind: string; id: string; name: string | null };
  state: string;
  rowFilter: string | null;
  columns: string[] | null;
  masks: Record<string, { action: string }>;
  until: string | null;
  approvals: number;
}

export function addDelegations(program: Command, shell: Shell): void {
  const delegation = program
    .command('delegation')
    .description('who else may approve requests for a product, and how much of it');
  addGive(delegation, shell);
  const list = delegation
    .command('list')
    .argument('[product]', 'DOMAIN.PRODUCT')
    .description('those you hold, and those of products that you decide for');
  bind(list, shell, async (session, [product]) => {
    const call = { method: 'GET', path: '/delegations', query: { product } } as const;
    const answer = await session.client.call<{ delegations: Delegation[] }>(call);
    print(session, answer.delegations, answer);
  });
  addRevoke(delegation, shell);
}

function addGive(delegation: Command, shell: Shell): void {
  const give = delegation
    .command('give')
    .argument('<product>', 'DOMAIN.PRODUCT')
    .requiredOption('--to <principal>', 'e-mail address, DOMAIN/NAME of a service account, or a domain')
    .description('let somebody approve requests for a product, up to a ceiling')
    .option('--rows <expression>', "at most these rows, e.g. region IN ('NORTH')")
    .option('--columns <list>', 'at most these columns, separated by commas')
    .option('--mask <column=action...>', 'always mask a column, e.g. email=sha-256-global')
    .option('--until <date>', 'end date, of the delegation and of everything approved under it');
  bind(give, shell, async (session, [product], options) => {
    const body = { product, to: options['to'], ...narrowing(options) };
    const made = await session.client.call<Delegation>({ method: 'POST', path: '/delegations', body });
    print(session, [made], made);
  });
}

function addRevoke(delegation: Command, shell: Shell): void {
  const revoke = delegation
    .command('revoke')
    .argument('<id>')
    .description('end a delegation, and every subscription that was approved under it')
    .option('--reason <text>', 'why', 'no longer needed')
    .option('--keep', 'leave the subscriptions that were approved under it');
  bind(revoke, shell, async (session, [id = ''], { reason, keep }) => {
    const answer = await session.client.call<Delegation & { revoked: string[] }>({
      method: 'POST',
      path: `/delegations/${encodeURIComponent(id)}/revoke`,
      body: { reason, keep: keep === true },
    });
    print(session, [answer], answer);
    session.out.say(`${count(answer.revoked.length)} subscriptions ended with it\n`);
  });
}

function print({ out }: Session, rows: Delegation[], answer: unknown): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (rows.length === 0) return out.write('none\n');
  printTable(
    out,
    ['id', 'state', 'product', 'to', 'rows', 'columns', 'masks', 'until', 'approved'],
    rows.map((row) => [
      row.id,
      row.state,
      row.product,
      row.to.name ?? row.to.id,
      row.rowFilter ?? 'all',
      row.columns?.join(', ') ?? 'all',
      Object.entries(row.masks)
        .map(([column, { action }]) => `${column}=${action}`)
        .join(', '),
      row.until === null ? '' : lastDay(row.until),
      String(row.approvals),
    ]),
  );
}
