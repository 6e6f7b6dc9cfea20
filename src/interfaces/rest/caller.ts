import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { MeshError } from '../../base/errors.ts';
import { authenticate, authenticateSession } from '../../identity/authenticate.ts';
import { NOBODY } from '../../identity/caller.ts';
import type { Context, Door, Parts } from '../../identity/context.ts';

/**
 * The session cookie's name. Behind https its prefix makes browsers take it from this host alone and only
 * with Secure (RFC 6265bis §4.1.3).
 */
export function sessionCookie(parts: Parts): { name: string; secure: boolean } {
  const secure = parts.settings.publicUrl?.startsWith('https:') === true;
  return { name: secure ? '__Host-crossdock_session' : 'crossdock_session', secure };
}

/** The secret in the session cookie, or null. */
export function sessionOf(parts: Parts, request: FastifyRequest): string | null {
  return request.cookies[sessionCookie(parts).name] ?? null;
}

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The context of one request: who asks (by bearer token or session cookie) and when they went away. */
export async function contextOf(parts: Parts, request: FastifyRequest): Promise<Context> {
  const bearer = bearerOf(request);
  if (bearer !== null) {
    const caller = await authenticate(parts, bearer);
    return { ...parts, caller, request: requestOf(request, doorOf(request)) };
  }
  const session = sessionOf(parts, request);
  if (session === null) throw new MeshError('auth.missing');
  if (!CHANGES_NOTHING.has(request.method)) needOwnPage(request);
  const caller = await authenticateSession(parts, session);
  return { ...parts, caller, request: requestOf(request, 'web') };
}

/** The context of a request that needs no caller. */
export function anonymousContext(parts: Parts, request: FastifyRequest): Context {
  return { ...parts, caller: NOBODY, request: requestOf(request, 'rest') };
}

function requestOf(request: FastifyRequest, door: Door): Context['request'] {
  return { id: request.id, door, address: request.ip, signal: hangUp(request) };
}

function doorOf(request: FastifyRequest): Door {
  return request.headers['user-agent']?.startsWith('crossdock-cli/') ? 'cli' : 'rest';
}

function bearerOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  const match = /^Bearer +(\S+)$/i.exec(header);
  if (match?.[1] === undefined) throw new MeshError('auth.invalid');
  return match[1];
}

/**
 * A change by cookie comes from a page of ours, and says so: every browser sends Fetch Metadata or an Origin
 * with it. Whatever sends neither is no browser, and has tokens. The cookie is SameSite=Strict besides.
 */
function needOwnPage(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined && site === undefined) throw new MeshError('auth.cross-site');
  needSameOrigin(request);
}

/** No page of another site may do this, not even sign somebody in. */
export function needSameOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw new MeshError('auth.cross-site');
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host) throw new MeshError('auth.cross-site');
}

/** One listener a connection, however many requests it carries. */
const connections = new WeakMap<Socket, AbortSignal>();

/** Fires when the client hangs up. */
function hangUp({ raw: { socket } }: FastifyRequest): AbortSignal {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  connections.set(socket, gone.signal);
  return gone.signal;
}
