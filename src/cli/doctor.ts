import type { Command } from 'commander';
import { bind, EXIT, type Session, type Shell } from './command.ts';
import { readSavedToken } from './saved-token.ts';

interface Finding {
  what: string;
  ok: boolean;
  says: string;
}

export function addDoctor(program: Command, shell: Shell): void {
  const doctor = program.command('doctor').description('check Node, the server, the token and the database');
  bind(doctor, shell, async (session) => {
    const findings = [
      checkNode(),
      await checkServer(session),
      await checkReady(session),
      await checkToken(session),
    ];
    if (session.out.json) session.out.write(`${JSON.stringify({ findings }, null, 2)}\n`);
    else
      for (const { what, ok, says } of findings)
        session.out.write(`${ok ? 'ok  ' : 'FAIL'}  ${what}: ${says}\n`);
    return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
  });
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 22 || (major === 22 && minor >= 18);
  return { what: 'Node.js', ok, says: `${process.version}${ok ? '' : ', needs 22.18 or newer'}` };
}

async function checkServer({ client }: Session): Promise<Finding> {
  const answer = await fetch(`${client.url}/healthz`).catch(() => null);
  const ok = answer?.ok === true;
  return {
    what: 'server',
    ok,
    says: ok
      ? `answers at ${client.url}`
      : `does not answer at ${client.url}; start it with \`crossdock up\``,
  };
}

async function checkReady({ client }: Session): Promise<Finding> {
  const answer = await fetch(`${client.url}/readyz`).catch(() => null);
  const ok = answer?.ok === true;
  const body = ok ? ((await answer.json()) as { database: string }) : { database: 'not reached' };
  return { what: 'database', ok, says: body.database };
}

async function checkToken({ client, shell }: Session): Promise<Finding> {
  const given = shell.config.token ?? (await readSavedToken(shell.config));
  if (given === null) return { what: 'token', ok: false, says: 'none; run `crossdock login`' };
  try {
    const me = await client.call<{ principal: { name: string } }>({ method: 'GET', path: '/me' });
    return { what: 'token', ok: true, says: `belongs to ${me.principal.name}` };
  } catch (error) {
    return { what: 'token', ok: false, says: error instanceof Error ? error.message : String(error) };
  }
}
