import type { Command } from 'commander';
import { bind, type Session, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Elevation {
  id: string;
  product: string;
  who: string;
  reason: string;
  startedAt: string;
  until: string;
  endedAt: string | null;
  endedBy: string | null;
  queries: number;
  rows: number;
}

export function addElevations(program: Command, shell: Shell): void {
  const elevate = program
    .command('elevate')
    .argument('<product>', 'DOMAIN.PRODUCT')
    .description('read a product in an emergency, for some minutes; everybody concerned is told')
    .requiredOption('--reason <text>', 'what happened')
    .requiredOption('--minutes <number>', 'for how long');
  bind(elevate, shell, async (session, [product = ''], { reason, minutes }) => {
    const path = `${pathOf(product)}/elevate`;
    const body = { reason, minutes: Number(minutes) };
    const elevation = await session.client.call<Elevation>({ method: 'POST', path, body });
    print(session, [elevation], elevation);
  });

  const elevation = program.command('elevation').description('emergency readings');
  const list = elevation
    .command('list')
    .argument('<product>', 'DOMAIN.PRODUCT')
    .description('who read a product in an emergency, and how much')
    .option('--mine', 'only your own');
  bind(list, shell, async (session, [product = ''], { mine }) => {
    const path = `${pathOf(product)}/elevations`;
    const query = { whose: mine === true ? 'mine' : 'all' };
    const answer = await session.client.call<{ elevations: Elevation[] }>({ method: 'GET', path, query });
    print(session, answer.elevations, answer);
  });
  const end = elevation
    .command('end')
    .argument('<id>')
    .description('end an emergency reading; the very next query is refused');
  bind(end, shell, async (session, [id = '']) => {
    const path = `/elevations/${encodeURIComponent(id)}/end`;
    const ended = await session.client.call<Elevation>({ method: 'POST', path, body: {} });
    print(session, [ended], ended);
  });
}

function pathOf(product: string): string {
  const [domain = '', name = ''] = product.split('.');
  return `/products/${encodeURIComponent(domain)}/${encodeURIComponent(name)}`;
}

function print({ out }: Session, rows: Elevation[], answer: unknown): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (rows.length === 0) return out.write('none\n');
  printTable(
    out,
    ['id', 'who', 'product', 'from', 'until', 'ended by', 'queries', 'rows', 'reason'],
    rows.map((row) => [
      ...[row.id, row.who, row.product, row.startedAt, row.endedAt ?? row.until, row.endedBy ?? ''],
      ...[row.queries, row.rows, row.reason],
    ]),
  );
}
