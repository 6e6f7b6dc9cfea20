import type { Command } from 'commander';
import { bind, EXIT, type Options, type Session, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Webhook {
  id: string;
  url: string;
  types: string[];
  products: string[];
  succeededAt: string | null;
  disabledReason: string | null;
  secret?: string;
}

interface Deliveries {
  deliveries: {
    createdAt: string;
    type: string;
    subject: string;
    state: string;
    attempts: { status: number | null; error: string | null; durationMs: number }[];
  }[];
}

export function addWebhooks(program: Command, shell: Shell): void {
  const webhook = program.command('webhook').description('endpoints that events of a domain are sent to');
  const create = webhook
    .command('create')
    .argument('<domain>')
    .argument('<url>', 'https://…')
    .description('send the events of a domain to an address; the secret is shown once')
    .option('--type <type...>', 'only these, e.g. dataset.released')
    .option('--product <product...>', 'only events of these, DOMAIN.PRODUCT')
    .option('--description <text>');
  bind(create, shell, async (session, [domain = '', url], options) => {
    const body = { url, ...given(options) };
    const path = `/domains/${encodeURIComponent(domain)}/webhooks`;
    printSecret(session, await session.client.call<Webhook>({ method: 'POST', path, body }));
  });
  const list = webhook.command('list').argument('<domain>').description('the endpoints of a domain');
  bind(list, shell, async (session, [domain = '']) => {
    const path = `/domains/${encodeURIComponent(domain)}/webhooks`;
    printAll(session, await session.client.call<{ webhooks: Webhook[] }>({ method: 'GET', path }));
  });
  addCare(webhook, shell);
  addLog(webhook, shell);
}

function given({ type, product, description }: Options): object {
  return { types: type, products: product, description };
}

function addCare(webhook: Command, shell: Shell): void {
  const rotate = webhook
    .command('rotate')
    .argument('<id>')
    .description('a new secret, shown once; the former one signs too for a while')
    .option('--hours <hours>', 'how long both sign', '24');
  bind(rotate, shell, async (session, [id = ''], { hours }) => {
    const call = { method: 'POST', path: `${pathOf(id)}/rotate`, body: { hours } } as const;
    printSecret(session, await session.client.call<Webhook>(call));
  });
  const pause = webhook.command('pause').argument('<id>').description('send nothing until it is enabled');
  bind(pause, shell, async (session, [id = '']) => {
    const answer = await session.client.call<Webhook>({ method: 'POST', path: `${pathOf(id)}/pause` });
    say(session, answer, `${id} is paused\n`);
  });
  const enable = webhook.command('enable').argument('<id>').description('send to a disabled endpoint again');
  bind(enable, shell, async (session, [id = '']) => {
    const answer = await session.client.call<Webhook>({ method: 'POST', path: `${pathOf(id)}/enable` });
    say(session, answer, `${id} is enabled\n`);
  });
  const remove = webhook.command('delete').argument('<id>').description('send nothing more and forget it');
  bind(remove, shell, async (session, [id = '']) => {
    const answer = await session.client.call({ method: 'DELETE', path: pathOf(id) });
    say(session, answer, `${id} is deleted\n`);
  });
}

function addLog(webhook: Command, shell: Shell): void {
  const test = webhook.command('test').argument('<id>').description('send a test event now');
  bind(test, shell, async (session, [id = '']) => {
    const answer = await session.client.call<{
      delivered: boolean;
      status: number | null;
      error: string | null;
      durationMs: number;
    }>({ method: 'POST', path: `${pathOf(id)}/test` });
    const { delivered, status, error, durationMs } = answer;
    say(session, answer, `${delivered ? 'delivered' : 'failed'}: ${error ?? status} (${durationMs} ms)\n`);
    return delivered ? EXIT.ok : EXIT.failed;
  });
  const log = webhook
    .command('log')
    .argument('<id>')
    .description('what was sent and what came back')
    .option('--limit <deliveries>', 'how many', '20');
  bind(log, shell, async (session, [id = ''], { limit }) => {
    const call = {
      method: 'GET',
      path: `${pathOf(id)}/deliveries`,
      query: { limit: limit as string },
    } as const;
    printLog(session, await session.client.call<Deliveries>(call));
  });
}

function pathOf(id: string): string {
  return `/webhooks/${encodeURIComponent(id)}`;
}

function say({ out }: Session, answer: unknown, text: string): void {
  out.write(out.json ? `${JSON.stringify(answer, null, 2)}\n` : text);
}

function printSecret(session: Session, webhook: Webhook): void {
  say(session, webhook, `${webhook.id}\n${webhook.secret}\n`);
  if (!session.out.json) session.out.say('The secret is shown only now: give it to the receiver.\n');
}

function printAll({ out }: Session, answer: { webhooks: Webhook[] }): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer.webhooks.length === 0) return out.write('none\n');
  printTable(
    out,
    ['id', 'url', 'types', 'products', 'last success', 'disabled'],
    answer.webhooks.map(({ id, url, types, products, succeededAt, disabledReason }) => [
      id,
      url,
      types.join(', ') || 'all',
      products.join(', ') || 'all',
      succeededAt?.slice(0, 16) ?? 'never',
      disabledReason ?? '',
    ]),
  );
}

function printLog({ out }: Session, answer: Deliveries): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer.deliveries.length === 0) return out.write('nothing\n');
  printTable(
    out,
    ['at', 'type', 'subject', 'state', 'attempts', 'last answer'],
    answer.deliveries.map(({ createdAt, type, subject, state, attempts }) => {
      const last = attempts.at(-1);
      const answered = last === undefined ? '' : `${last.error ?? last.status} (${last.durationMs} ms)`;
      return [createdAt.slice(0, 16), type, subject, state, String(attempts.length), answered];
    }),
  );
}
