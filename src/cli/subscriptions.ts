import type { Command } from 'commander';
import { bind, type Options, type Session, type Shell } from './command.ts';
import { addRequest } from './request.ts';
import { listOf, printAll, printWaiting, type Subscription } from './subscription-table.ts';

export function addSubscriptions(program: Command, shell: Shell): void {
  addRequest(program, shell);
  addRenewal(program, shell);
  addLists(program, shell);
  addDecisions(program, shell);
}

function addRenewal(program: Command, shell: Shell): void {
  const renew = program
    .command('renew')
    .argument('<id>', 'the subscription')
    .description('ask to keep a subscription for longer, as it is')
    .requiredOption('--until <date>', 'the new end')
    .option('--note <text>', 'why it is needed for longer');
  bind(renew, shell, async (session, [id = ''], { until, note }) => {
    const path = `/subscriptions/${encodeURIComponent(id)}/renew`;
    await show(session, { method: 'POST', path, body: { until, note } });
  });
}

function addLists(program: Command, shell: Shell): void {
  const requests = program
    .command('requests')
    .description('requests of your domains, or those that wait for you')
    .option('--to-decide', 'those that wait for your decision')
    .option('--state <state>', 'only those in this state');
  bind(requests, shell, async (session, _args, options) => {
    const box = options['toDecide'] === true ? 'to-decide' : 'mine';
    const state = options['state'] as string | undefined;
    const answer = await session.client.call<{ requests: Subscription[] }>({
      method: 'GET',
      path: '/requests',
      query: { box, state },
    });
    const waiting = box === 'to-decide' && (state === undefined || state === 'requested');
    (waiting ? printWaiting : printAll)(session, answer.requests, answer);
  });

  const subscriptions = program
    .command('subscriptions')
    .description('what your domains have, had or wait for');
  bind(subscriptions, shell, async (session) => {
    const answer = await session.client.call<{ subscriptions: Subscription[] }>({
      method: 'GET',
      path: '/subscriptions',
    });
    printAll(session, answer.subscriptions, answer);
  });
}

function addDecisions(program: Command, shell: Shell): void {
  const approve = program
    .command('approve')
    .argument('<id>')
    .description('approve a request; narrow it as you wish')
    .option('--rows <expression>', "only these rows, e.g. region IN ('NORTH')")
    .option('--columns <list>', 'only these columns, separated by commas')
    .option('--tag <key=value...>', 'only columns that are so tagged, e.g. classification=public,internal')
    .option('--mask <column=action...>', 'mask a column, e.g. email=sha-256-global')
    .option('--until <date>', 'end date');
  bind(approve, shell, async (session, [id = ''], options) =>
    show(session, {
      method: 'POST',
      path: `${decisionPath(id)}/approve`,
      body: narrowing(options),
    }),
  );

  addEnding(program, shell, { verb: 'reject', path: 'requests', text: 'reject a request and say why' });
  addEnding(program, shell, {
    verb: 'revoke',
    path: 'subscriptions',
    text: 'end a grant; the very next query is refused',
  });
}

function addEnding(
  program: Command,
  shell: Shell,
  ending: { verb: string; path: string; text: string },
): void {
  const command = program.command(ending.verb).argument('<id>').description(ending.text);
  if (ending.verb === 'reject') command.requiredOption('--reason <text>');
  else command.option('--reason <text>', 'why', 'no longer needed');
  bind(command, shell, async (session, [id = ''], { reason }) =>
    show(session, {
      method: 'POST',
      path:
        ending.verb === 'reject'
          ? `${decisionPath(id)}/reject`
          : `/${ending.path}/${encodeURIComponent(id)}/${ending.verb}`,
      body: { reason },
    }),
  );
}

/** A renewal is decided like a request; its id says which it is. */
function decisionPath(id: string): string {
  return `/${id.startsWith('rnw_') ? 'renewals' : 'requests'}/${encodeURIComponent(id)}`;
}

export function narrowing(options: Options): object {
  const columns = listOf(options['columns']);
  const masks = Object.fromEntries(
    ((options['mask'] as string[] | undefined) ?? []).map((text) => {
      // The value is all that follows: a time has colons of its own.
      const [, column = '', action = '', value] = /^([^=]*)=?([^:]*)(?::(.*))?$/s.exec(text)!;
      return [column, value === undefined ? { action } : { action, value }];
    }),
  );
  return {
    rows: options['rows'],
    columns,
    ...(options['tag'] === undefined ? {} : { tags: tagsOf(options['tag'] as string[]) }),
    until: options['until'],
    ...(options['mask'] === undefined ? {} : { masks }),
  };
}

function tagsOf(texts: string[]): Record<string, string[]> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key = '', values = 'true'] = text.split('=', 2);
      return [key.trim(), values.split(',').map((value) => value.trim())];
    }),
  );
}

async function show(session: Session, call: { method: 'POST'; path: string; body: object }): Promise<void> {
  const subscription = await session.client.call<Subscription>(call);
  printAll(session, [subscription], subscription);
}
