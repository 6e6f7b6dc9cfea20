import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { authenticate } from '../../identity/authenticate.ts';
import type { Parts } from '../../identity/context.ts';
import { describeCaller } from '../../identity/me.ts';
import { findPersonByEmail, listPeople } from '../../identity/store.ts';
import { issueToken } from '../../identity/tokens.ts';
import { needSameOrigin, SESSION_COOKIE } from './caller.ts';
import { zodProblems } from './problem.ts';

const DEMO_SESSION_MS = 8 * 3600 * 1000;

/** Sign-in of the web app: a token becomes a cookie that scripts cannot read. */
export function bindSession(app: FastifyInstance, parts: Parts, options: { secureCookie: boolean }): void {
  const startSession = async (reply: FastifyReply, secret: string) => {
    const caller = await authenticate(parts, secret);
    void reply.setCookie(SESSION_COOKIE, secret, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: options.secureCookie,
    });
    return describeCaller(parts, caller);
  };

  app.post('/api/v1/session', async (request, reply) => {
    needSameOrigin(request);
    return startSession(
      reply,
      parseBody(z.object({ token: z.string().min(1).max(200) }), request).token.trim(),
    );
  });
  app.delete('/api/v1/session', (request, reply) => {
    needSameOrigin(request);
    return reply.clearCookie(SESSION_COOKIE, { path: '/' }).status(204).send();
  });
  if (parts.settings.demo) bindDemo(app, parts, startSession);
}

/** The demo's people sign in without a secret: only when the server was started as a demo, only from this machine. */
function bindDemo(
  app: FastifyInstance,
  parts: Parts,
  startSession: (reply: FastifyReply, secret: string) => Promise<unknown>,
): void {
  app.get('/api/v1/demo/people', async (request) => {
    needLocalHost(request);
    return { people: await demoPeople(parts) };
  });
  app.post('/api/v1/demo/session', async (request, reply) => {
    needLocalHost(request);
    needSameOrigin(request);
    const { email } = parseBody(z.object({ email: z.string().max(320) }), request);
    const person = await findPersonByEmail(parts.database.reader, email);
    if (person === undefined) throw new MeshError('not-found', { facts: { what: `person ${email}` } });
    const at = parts.clock.now();
    const expiresAt = new Date(at.getTime() + DEMO_SESSION_MS);
    const { secret } = await parts.database.transact((transaction) =>
      issueToken(transaction, { principalId: person.id, name: 'demo session', at, expiresAt }),
    );
    return startSession(reply, secret);
  });
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

function parseBody<Schema extends z.ZodType>(schema: Schema, request: FastifyRequest): z.output<Schema> {
  const result = schema.safeParse(request.body);
  if (!result.success) throw new MeshError('input.invalid', { problems: zodProblems(result.error) });
  return result.data;
}
