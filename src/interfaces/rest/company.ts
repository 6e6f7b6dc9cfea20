import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MeshError, toMeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';
import { type CompanyProvider, companyOf } from '../../identity/company/provider.ts';
import { beginSignIn, finishSignIn } from '../../identity/company/sign-in.ts';
import { sessionCookie } from './caller.ts';
import { browserOf, setSessionCookie } from './session.ts';

const PATH = '/api/v1/company';
const MINUTES = 10;

const BEGUN = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), then: z.string() });

/** Sign-in at the company's provider: there, and back with a code. */
export function bindCompany(app: FastifyInstance, parts: Parts): void {
  const company = companyOf(parts);
  if (company === null) return;
  app.get(PATH, () => ({ title: company.settings.title }));
  app.get(`${PATH}/sign-in`, async (request, reply) => {
    const { then = '/' } = request.query as { then?: string };
    const { url, begun } = await beginSignIn(company, callbackOf(parts, request));
    keep(parts, reply, JSON.stringify({ ...begun, then: ownPath(then) }));
    return reply.redirect(url, 303);
  });
  app.get(`${PATH}/callback`, async (request, reply) => {
    try {
      const then = await comeBack(parts, company, { request, reply });
      return await reply.redirect(then, 303);
    } catch (error) {
      // People are here, not programs: the sign-in page says what happened.
      const { code, detail } = toMeshError(error);
      request.log.info({ code, detail }, 'sign-in at the company’s provider');
      return reply.redirect(`/?refused=${encodeURIComponent(code)}`, 303);
    }
  });
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

async function comeBack(
  parts: Parts,
  company: CompanyProvider,
  { request, reply }: Exchange,
): Promise<string> {
  const kept = begunIn(parts, request);
  void reply.clearCookie(cookieName(parts), { path: '/', secure: sessionCookie(parts).secure });
  if (kept === null) throw new MeshError('auth.company', { detail: 'not begun in this browser' });
  const address = new URL(callbackOf(parts, request));
  address.search = new URL(request.url, address).search;
  const secret = await finishSignIn(parts, company, {
    address,
    begun: kept,
    browser: browserOf(parts, request),
  });
  setSessionCookie(parts, reply, secret);
  return kept.then;
}

const cookieName = (parts: Parts) => `${sessionCookie(parts).secure ? '__Host-' : ''}crossdock_company`;

/** Lax: the browser comes back from another site, which is what Strict keeps out. */
function keep(parts: Parts, reply: FastifyReply, text: string): void {
  const { secure } = sessionCookie(parts);
  void reply
    .setCookie(cookieName(parts), text, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure,
      maxAge: MINUTES * 60,
    })
    .header('cache-control', 'no-store');
}

function begunIn(parts: Parts, request: FastifyRequest): z.output<typeof BEGUN> | null {
  try {
    return BEGUN.parse(JSON.parse(request.cookies[cookieName(parts)] ?? 'null'));
  } catch {
    return null;
  }
}

/** Where the provider sends people back to: registered there, so it is the public address. */
function callbackOf({ settings }: Parts, request: FastifyRequest): string {
  return `${settings.publicUrl ?? `http://localhost:${request.socket.localPort}`}${PATH}/callback`;
}

/** A path of the web app; anything else could lead away. */
function ownPath(text: string): string {
  const parsed = URL.parse(text, 'http://mesh.invalid');
  if (parsed === null || parsed.origin !== 'http://mesh.invalid' || !/^\/(?![/\\])/.test(text)) return '/';
  return parsed.pathname + parsed.search;
}
