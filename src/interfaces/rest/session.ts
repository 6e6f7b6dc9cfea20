import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { needInput } from '../../base/input-problems.ts';
import { LIMITS } from '../../base/limits.ts';
import { authenticate, authenticateSession } from '../../identity/authenticate.ts';
import type { Parts } from '../../identity/context.ts';
import { describeCaller } from '../../identity/me.ts';
import { setPasswordByLink, signInByLink } from '../../identity/passwords/one-time-link.ts';
import { PASSWORD } from '../../identity/passwords/set-password.ts';
import { signInByPassword } from '../../identity/passwords/sign-in.ts';
import { hashSecret, TOKEN_PREFIX } from '../../identity/secret.ts';
import { type Browser, startSession } from '../../identity/sessions/start-session.ts';
import { endSessionOf } from '../../identity/sessions/store.ts';
import { needSameOrigin, sessionCookie, sessionOf } from './caller.ts';

const SECRET = z.string().trim().min(1).max(LIMITS.passwordCharacters);
const EMAIL = z.string().trim().min(1).max(320);

/** By one of them somebody signs in; a code with a password also sets that password. */
const SIGN_IN = z.union([
  z.strictObject({ token: SECRET }),
  z.strictObject({ email: EMAIL, password: PASSWORD }),
  z.strictObject({ code: SECRET }),
  z.strictObject({ code: SECRET, password: PASSWORD }),
]);

/** Sign-in of the web app: whoever proves who they are gets a cookie that scripts cannot read. */
export function bindSession(app: FastifyInstance, parts: Parts): void {
  app.post('/api/v1/session', async (request, reply) => {
    needSameOrigin(request);
    const secret = await signIn(parts, parseBody(SIGN_IN, request), browserOf(parts, request));
    return enter(parts, reply, secret);
  });
  app.delete('/api/v1/session', async (request, reply) => {
    needSameOrigin(request);
    const secret = sessionOf(parts, request);
    if (secret !== null)
      await parts.database.transact((transaction) =>
        endSessionOf(transaction, hashSecret(secret), parts.clock.now()),
      );
    const { name, secure } = sessionCookie(parts);
    return reply.clearCookie(name, { path: '/', secure }).status(204).send();
  });
}

async function signIn(parts: Parts, given: z.output<typeof SIGN_IN>, browser: Browser): Promise<string> {
  if ('email' in given) return signInByPassword(parts, given, browser);
  if ('code' in given)
    return 'password' in given
      ? setPasswordByLink(parts, given, browser)
      : signInByLink(parts, given.code, browser);
  const { id: principalId, tokenId } = await authenticate(parts, given.token);
  // What the issuer or a company gave is for the program that got it.
  if (!given.token.startsWith(TOKEN_PREFIX)) throw new MeshError('auth.invalid');
  const at = parts.clock.now();
  return parts.database.transact((transaction) =>
    startSession(transaction, { principalId, method: 'token', tokenId, browser, at }),
  );
}

/** Where a sign-in comes from, as the session remembers it. */
export function browserOf(parts: Parts, request: FastifyRequest): Browser {
  return {
    device: request.headers['user-agent'] ?? '',
    address: request.ip,
    requestId: request.id,
    former: sessionOf(parts, request),
  };
}

/** Sets the cookie of a new session and answers with who is signed in. */
export async function enter(parts: Parts, reply: FastifyReply, secret: string) {
  const caller = await authenticateSession(parts, secret);
  setSessionCookie(parts, reply, secret);
  return describeCaller(parts, caller);
}

export function setSessionCookie(parts: Parts, reply: FastifyReply, secret: string): void {
  const { name, secure } = sessionCookie(parts);
  const seconds = LIMITS.sessionMs / 1000;
  void reply
    .setCookie(name, secret, { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge: seconds })
    .header('cache-control', 'no-store');
}

export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  request: FastifyRequest,
): z.output<Schema> {
  return needInput(schema, request.body);
}
