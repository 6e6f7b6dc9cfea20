import type { Command } from 'commander';
import { SecretReader } from './ask-secret.ts';
import { bind, type Options, type Session, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Listed {
  people: {
    email: string;
    name: string;
    administrator: boolean;
    passwordSetAt: string | null;
    disabledAt: string | null;
  }[];
  next: string | null;
}

interface Sessions {
  sessions: { id: string; method: string; device: string; address: string; seenAt: string }[];
}

export function addPeople(program: Command, shell: Shell): void {
  const person = program.command('person').description('people of the mesh, and your password');
  bind(person.command('list').description('everybody, page by page'), shell, listPeople);
  const invite = person.command('invite').argument('<email>').description('a link to set a password, once');
  bind(invite, shell, async ({ client, out }, [email]) => {
    const answer = await client.call<{ path: string; expiresAt: string }>({
      method: 'POST',
      path: '/people/invite',
      body: { email },
    });
    const url = `${shell.config.url}${answer.path}`;
    if (out.json) return out.write(`${JSON.stringify({ url, expiresAt: answer.expiresAt })}\n`);
    out.write(`${url}\n`);
    out.say(`counts once, until ${answer.expiresAt}; hand it to nobody else\n`);
  });
  for (const [verb, said, done] of [
    ['disable', 'somebody has left: sessions and tokens end now', 'may not sign in any more'],
    ['enable', 'somebody is back', 'may sign in again'],
  ] as const) {
    bind(
      person.command(verb).argument('<email>').description(said),
      shell,
      async ({ client, out }, [email]) => {
        const answer = await client.call({ method: 'POST', path: `/people/${verb}`, body: { email } });
        out.write(out.json ? `${JSON.stringify(answer)}\n` : `${email} ${done}\n`);
      },
    );
  }
  const password = person
    .command('password')
    .description('set your password: asked for, or read as lines of standard input')
    .option('--current', 'there is one already: it is asked for first');
  bind(password, shell, setPassword);
  addSessions(program, shell);
}

async function listPeople({ client, out }: Session): Promise<void> {
  const people: Listed['people'] = [];
  let after: string | null = '';
  while (after !== null) {
    const query = { after };
    const page: Listed = await client.call<Listed>({ method: 'GET', path: '/people', query });
    people.push(...page.people);
    after = page.next;
  }
  if (out.json) return out.write(`${JSON.stringify({ people }, null, 2)}\n`);
  const rows = people.map((one) => [
    one.email,
    one.name,
    one.administrator ? 'yes' : '',
    one.passwordSetAt,
    one.disabledAt,
  ]);
  printTable(out, ['email', 'name', 'administrator', 'password since', 'left'], rows);
}

async function setPassword({ client, out }: Session, _args: string[], options: Options): Promise<void> {
  const reader = new SecretReader(out);
  try {
    const body = {
      ...(options['current'] === true ? { current: await reader.ask('Current password: ') } : {}),
      password: await reader.ask('New password: '),
    };
    await client.call({ method: 'POST', path: '/person/password', body });
  } finally {
    reader.close();
  }
  out.write(
    out.json ? '{"changed":true}\n' : 'your password is set; other browsers of yours are signed out\n',
  );
}

function addSessions(program: Command, shell: Shell): void {
  const session = program.command('session').description('where you are signed in with a browser');
  bind(session.command('list').description('your sessions'), shell, async ({ client, out }) => {
    const answer = await client.call<Sessions>({ method: 'GET', path: '/sessions' });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    const rows = answer.sessions.map((one) => [one.id, one.method, one.address, one.seenAt, one.device]);
    printTable(out, ['id', 'by', 'from', 'last used', 'browser'], rows);
  });
  bind(
    session.command('end').argument('<id>').description('sign that browser out'),
    shell,
    async ({ client, out }, [id = '']) => {
      const answer = await client.call({ method: 'DELETE', path: `/sessions/${encodeURIComponent(id)}` });
      out.write(out.json ? `${JSON.stringify(answer)}\n` : `${id} has ended\n`);
    },
  );
}
