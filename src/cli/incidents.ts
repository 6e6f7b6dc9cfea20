import type { Command } from 'commander';
import { bind, type Session, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Incident {
  id: string;
  product: string;
  dataset: string;
  kind: string;
  severity: string;
  state: string;
  summary: string;
  meaning: string;
  openedAt: string;
  closedAt: string | null;
  history?: { at: string; kind: string; by: string; text: string }[];
}

export function addIncidents(program: Command, shell: Shell): void {
  const incidents = program
    .command('incidents')
    .argument('[product]', 'DOMAIN.PRODUCT; without it all that you may discover')
    .description('what is wrong with products right now, and what it means for their readers')
    .option('--all', 'closed ones too')
    .option('--domain <domain>', 'only of this domain');
  bind(incidents, shell, async (session, [product], { all, domain }) => {
    const query = { product, domain: domain as string | undefined, all: all === true ? 'true' : undefined };
    const answer = await session.client.call<{ incidents: Incident[] }>({
      method: 'GET',
      path: '/incidents',
      query,
    });
    printIncidents(session, answer);
  });
  addAnswers(program, shell);
}

function addAnswers(program: Command, shell: Shell): void {
  const incident = program.command('incident').description('take care of an incident of your products');
  const acknowledge = incident
    .command('acknowledge')
    .argument('<id>', 'inc_…')
    .description('say that somebody looks after it; it closes by itself')
    .option('--comment <text>', 'for your colleagues');
  bind(acknowledge, shell, async ({ client, out }, [id = ''], { comment }) => {
    const path = `/incidents/${encodeURIComponent(id)}/acknowledge`;
    const answer = await client.call<object>({ method: 'POST', path, body: { comment } });
    out.write(out.json ? `${JSON.stringify(answer, null, 2)}\n` : `${id} is acknowledged\n`);
  });
  const comment = incident
    .command('comment')
    .argument('<id>', 'inc_…')
    .argument('<text>')
    .description('write a comment for your colleagues');
  bind(comment, shell, async ({ client, out }, [id = '', text]) => {
    const path = `/incidents/${encodeURIComponent(id)}/comments`;
    const answer = await client.call<object>({ method: 'POST', path, body: { comment: text } });
    out.write(out.json ? `${JSON.stringify(answer, null, 2)}\n` : `${id} has your comment\n`);
  });
}

function printIncidents({ out }: Session, answer: { incidents: Incident[] }): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  const { incidents } = answer;
  if (incidents.length === 0) return out.write('no incident that you may know of\n');
  printTable(
    out,
    ['incident', 'dataset', 'severity', 'state', 'since', 'what'],
    incidents.map((one) => [
      one.id,
      `${one.product}.${one.dataset}`,
      one.severity,
      one.state,
      one.openedAt,
      `${one.kind}: ${one.summary}`,
    ]),
  );
  for (const meaning of new Set(
    incidents.filter(({ state }) => state !== 'closed').map((one) => one.meaning),
  )) {
    out.write(`\n${meaning}\n`);
  }
}
