import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LIMITS } from '../../base/limits.ts';
import type { Parts } from '../../identity/context.ts';
import { Issuer } from '../../identity/issuer/issuer.ts';
import { bindConsent } from './consent.ts';
import { prepare } from './prepare-request.ts';

/**
 * The issuer of the mesh: OAuth 2.1 and OpenID Connect below `/oauth`, discovery below `/.well-known`. Its
 * package is loaded with the first request that needs it.
 */
export async function bindIssuer(app: FastifyInstance, parts: Parts): Promise<void> {
  const issuer = new Issuer(parts, () => addressOf(app, parts));
  bindConsent(app, parts, issuer);
  await app.register(async (own) => {
    // The issuer reads bodies itself, with limits of its own.
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const handler = (request: FastifyRequest, reply: FastifyReply) =>
      handOver(parts, issuer, { request, reply });
    const rateLimit = { max: LIMITS.issuerRequestsPerMinute, timeWindow: '1 minute' };
    own.route({ method: ['GET', 'POST', 'OPTIONS'], url: '/oauth/*', config: { rateLimit }, handler });
    own.get('/.well-known/openid-configuration', handler);
    own.get('/.well-known/oauth-authorization-server', handler);
  });
}

function addressOf(app: FastifyInstance, parts: Parts): string {
  const { port } = app.server.address() as { port: number };
  return parts.settings.publicUrl ?? `http://localhost:${port}`;
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

async function handOver(parts: Parts, issuer: Issuer, { request, reply }: Exchange): Promise<void> {
  const provider = await issuer.provider();
  prepare(parts, request);
  // What the hooks before have set, headers of security among them, goes with the issuer's answer.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.hijack();
  await provider.callback()(request.raw, reply.raw);
}
