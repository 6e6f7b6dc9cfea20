import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { MeshError } from '../../base/errors.ts';
import { authenticate } from '../../identity/authenticate.ts';
import type { Caller } from '../../identity/caller.ts';
import type { Context, Door, Parts } from '../../identity/context.ts';

export const SESSION_COOKIE = 'crossdock_session';

/** The context of one request: who asks (by bearer token or session cookie) and when they went away. */
export async function contextOf(
  parts: Parts,
  request: FastifyRequest,
  effect: 'read' | 'write',
): Promise<Context> {
  const bearer = bearerOf(request);
  const cookie = request.cookies[SESSION_COOKIE];
  if (bearer === null && cookie !== undefined && effect === 'write') needSameOrigin(request);
  const caller = await authenticate(parts, bearer ?? cookie ?? null);
  return { ...parts, caller, request: requestOf(request, bearer === null ? 'web' : doorOf(request)) };
}

/** The context of a request that needs no caller. */
export function anonymousContext(parts: Parts, request: FastifyRequest): Context {
  return { ...parts, caller: NOBODY, request: requestOf(request, 'rest') };
}

const NOBODY: Caller = {
  id: 'nobody',
  kind: 'person',
  name: 'nobody',
  email: null,
  administrator: false,
  attributes: {},
  domains: [],
  scopes: [],
  tokenId: '',
};

function requestOf(request: FastifyRequest, door: Door): Context['request'] {
  return { id: request.id, door, signal: hangUp(request) };
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

/** The cookie is SameSite=Strict; this also holds where a browser does not know that (Fetch Metadata, Origin). */
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
