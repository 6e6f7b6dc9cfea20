import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import staticFiles from '@fastify/static';
import underPressure from '@fastify/under-pressure';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { MeshError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { AnyOperation } from '../base/operation.ts';
import type { Context, Parts } from '../identity/context.ts';
import { bindDataApi } from './rest/data-api.ts';
import { bindCompany } from './rest/company.ts';
import { bindDemo } from './rest/demo.ts';
import { bindIssuer } from './oauth/bind-issuer.ts';
import { sessionCookie } from './rest/caller.ts';
import { bindErrorPage } from './rest/error-page.ts';
import { bindHealth } from './rest/health.ts';
import { bindOpenApi } from './rest/openapi.ts';
import { bindOpenLineage } from './rest/openlineage.ts';
import { bindOperations } from './rest/bind-operations.ts';
import { sendProblem } from './rest/problem.ts';
import { bindSession } from './rest/session.ts';

export interface HttpOptions {
  operations: AnyOperation<Context>[];
  /** Folder of the built web app; absent folders are left out. */
  webFolder: string;
  version: string;
  requestsPerMinute: number;
}

/**
 * Every door on one port, and the order of steps of a request: headers, limits, body, caller, scope, input,
 * operation, answer. Errors of all steps are translated by `rest/problem.ts`.
 */
export async function openHttp(parts: Parts, options: HttpOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: parts.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LIMITS.bodyBytes,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  });
  app.setErrorHandler(sendProblem);
  await app.register(helmet, {
    contentSecurityPolicy: { directives: CONTENT_SECURITY },
    strictTransportSecurity: sessionCookie(parts).secure,
  });
  await app.register(cookie);
  // Memory alone: the embedded database works in this process, so a late event loop is no sign of trouble.
  const maxHeapUsedBytes = Math.floor(getHeapStatistics().heap_size_limit * MOST_HEAP);
  await app.register(underPressure, { maxHeapUsedBytes, retryAfter: 2, exposeStatusRoute: false });
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { ttl }) =>
      new MeshError('limit.rate', { facts: { seconds: Math.ceil(ttl / 1000) } }),
  });
  app.addHook('onSend', async (request, reply) => void reply.header('x-request-id', request.id));
  app.addHook('onResponse', logResponse);
  bindHealth(app, parts);
  bindSession(app, parts);
  bindCompany(app, parts);
  if (parts.settings.demo) bindDemo(app, parts);
  bindOperations(app, parts, options.operations);
  bindDataApi(app, parts);
  await bindOpenLineage(app, parts);
  bindErrorPage(app);
  bindOpenApi(app, options.operations, options.version);
  await bindIssuer(app, parts);
  await bindWeb(app, options.webFolder);
  return app;
}

/** Beyond this share of the heap new requests wait outside rather than end the process for all. */
const MOST_HEAP = 0.95;

const CONTENT_SECURITY = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  // Radix positions its popovers by style attributes.
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'frame-ancestors': ["'none'"],
  // A laptop serves plain HTTP: upgrading would send the app's own requests to a port nobody listens on.
  'upgrade-insecure-requests': null,
};

async function logResponse(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const url = request.url.split('?')[0];
  request.log.debug(
    { method: request.method, url, status: reply.statusCode, ms: reply.elapsedTime },
    'answered',
  );
}

/** The web app: files as they are, and the app itself for every address that is none of ours. */
async function bindWeb(app: FastifyInstance, folder: string): Promise<void> {
  const built = existsSync(folder);
  if (built) {
    await app.register(staticFiles, {
      root: folder,
      wildcard: false,
      index: false,
      cacheControl: false,
      setHeaders: (reply, path) => void reply.header('cache-control', cacheControlOf(path)),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (built && request.method === 'GET' && !OURS.test(request.url)) return reply.sendFile('index.html');
    throw new MeshError('not-found', { facts: { what: 'this address' } });
  });
}

/** Only names below `assets/` hold a hash of the content. */
function cacheControlOf(path: string): string {
  return /[\\/]assets[\\/][^\\/]+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

const OURS =
  /^\/(assets|api|data|iceberg|delta-sharing|opa|mcp|oauth|\.well-known|healthz|readyz|metrics)(\/|$|\?)/;
