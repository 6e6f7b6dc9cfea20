import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import { startSession } from '../../identity/sessions/start-session.ts';
import { findPersonByEmail, listPeople } from '../../identity/store.ts';
import { issueToken } from '../../identity/tokens.ts';
import { needSameOrigin } from './caller.ts';
import { browserOf, enter, parseBody } from './session.ts';

const TOKEN_MS = 8 * 3600 * 1000;
const PERSON = z.object({ email: z.string().max(320) });

/** The demo's people sign in without a secret: only when the server was started as a demo, only from this machine. */
export function bindDemo(app: FastifyInstance, parts: Parts): void {
  app.get('/api/v1/demo/people', async (request) => {
    needLocalHost(request);
    return { people: await demoPeople(parts) };
  });
  app.post('/api/v1/demo/session', async (request, reply) => {
    const { id: principalId } = await demoPerson(parts, request);
    const at = parts.clock.now();
    const browser = browserOf(parts, request);
    const secret = await parts.database.transact((transaction) =>
      startSession(transaction, { principalId, method: 'demo', browser, at }),
    );
    return enter(parts, reply, secret);
  });
  app.post('/api/v1/demo/token', async (request) => {
    const { id: principalId } = await demoPerson(parts, request);
    const at = parts.clock.now();
    const expiresAt = new Date(at.getTime() + TOKEN_MS);
    const { secret } = await parts.database.transact((transaction) =>
      issueToken(transaction, { principalId, name: 'demo', at, expiresAt }),
    );
    return { secret };
  });
}

async function demoPerson(parts: Parts, request: FastifyRequest): Promise<{ id: string }> {
  needLocalHost(request);
  needSameOrigin(request);
  const { email } = parseBody(PERSON, request);
  const person = await findPersonByEmail(parts.database.reader, email);
  if (person === undefined || person.disabled_at !== null)
    throw new MeshError('not-found', { facts: { what: `person ${email}` } });
  return person;
}

/** A page of another site could have its name resolve to this machine; it cannot choose the Host header's name. */
function needLocalHost(request: FastifyRequest): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (!['localhost', '127.0.0.1', '[::1]'].includes(host)) {
    throw new MeshError('not-found', { facts: { what: 'this address' } });
  }
}

async function demoPeople(parts: Parts) {
  const rows = await listPeople(parts.database.reader);
  const people = new Map<string, { email: string; name: string; domains: object[]; hint: string }>();
  for (const row of rows) {
    const email = row.email ?? '';
    const person = people.get(email) ?? { email, name: row.name, domains: [], hint: '' };
    if (row.domain !== null)
      person.domains.push({ name: row.domain, title: row.domain_title, role: row.role });
    person.hint = row.administrator ? 'administers the mesh' : (HINTS[row.role ?? 'analyst'] ?? '');
    people.set(email, person);
  }
  return [...people.values()];
}

const HINTS: Record<string, string> = {
  owner: 'decides about requests and members',
  steward: 'decides about requests',
  engineer: 'builds and runs products',
  analyst: 'finds, requests and queries data',
};
