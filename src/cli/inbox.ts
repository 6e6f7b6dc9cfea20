import type { Command } from 'commander';
import { bind, type Session, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Inbox {
  entries: { id: string; at: string; type: string; title: string; read: boolean }[];
  next: string | null;
}

interface Preferences {
  kinds: { type: string; meaning: string; on: boolean }[];
}

export function addInbox(program: Command, shell: Shell): void {
  const inbox = program
    .command('inbox')
    .description('what you were told, newest first')
    .option('--unread', 'only what you have not read')
    .option('--limit <entries>', 'how many', '20')
    .option('--before <id>', 'only entries older than this one')
    // `--json` after a sub command is the sub command's.
    .enablePositionalOptions();
  bind(inbox, shell, async (session, _args, { unread, limit, before }) => {
    const query = {
      show: unread === true ? 'unread' : undefined,
      limit: limit as string,
      before: before as string | undefined,
    };
    printInbox(session, await session.client.call<Inbox>({ method: 'GET', path: '/inbox', query }));
  });
  const read = inbox
    .command('read')
    .argument('[ids...]')
    .description('mark entries as read; without ids everything');
  bind(read, shell, async ({ client, out }, ids) => {
    const answer = await client.call<{ marked: number }>({
      method: 'POST',
      path: ids.length === 0 ? '/inbox/read-all' : '/inbox/read',
      body: ids.length === 0 ? {} : { ids },
    });
    out.write(out.json ? `${JSON.stringify(answer, null, 2)}\n` : `${answer.marked} marked as read\n`);
  });
  addPreferences(inbox, shell);
}

function addPreferences(inbox: Command, shell: Shell): void {
  bind(
    inbox.command('kinds').description('the kinds of events, and which come into your inbox'),
    shell,
    async (session) =>
      printPreferences(session, await session.client.call({ method: 'GET', path: '/inbox/preferences' })),
  );
  const verbs = { on: 'let a kind of events in', off: 'keep a kind of events out from now on' };
  for (const [verb, text] of Object.entries(verbs)) {
    const command = inbox.command(verb).argument('<type>', 'e.g. dataset.released').description(text);
    bind(command, shell, async (session, [type]) => {
      const body = { type, on: verb === 'on' };
      const call = { method: 'POST', path: '/inbox/preferences', body } as const;
      printPreferences(session, await session.client.call<Preferences>(call));
    });
  }
}

function printInbox({ out }: Session, answer: Inbox): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer.entries.length === 0) return out.write('nothing\n');
  printTable(
    out,
    ['', 'at', 'kind', 'what', 'id'],
    answer.entries.map(({ id, read, at, type, title }) => [
      read ? '' : '*',
      at.slice(0, 16),
      type,
      title,
      id,
    ]),
  );
  if (answer.next !== null) out.say(`older ones: crossdock inbox --before ${answer.next}\n`);
}

function printPreferences({ out }: Session, answer: Preferences): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  printTable(
    out,
    ['kind', 'inbox', 'when'],
    answer.kinds.map(({ type, on, meaning }) => [type, on ? 'on' : 'off', meaning]),
  );
}
