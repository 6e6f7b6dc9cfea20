import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { MeshError, toMeshError } from '../../base/errors.ts';
import { errorAnchor } from './error-page.ts';

/** Translates any error into RFC 9457 problem details. The only place where a code becomes a status. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = translate(error);
  const log = {
    code: known.code,
    detail: known.detail,
    cause: known.status >= 500 ? known.cause : undefined,
  };
  if (known.status >= 500) request.log.error({ ...log, err: error }, known.message);
  else request.log.info(log, known.message);
  if (known.status === 429 && known.facts['seconds'] !== undefined) {
    void reply.header('retry-after', String(known.facts['seconds']));
  }
  if (known.code === 'auth.missing' || known.code === 'auth.invalid') {
    void reply.header('www-authenticate', 'Bearer realm="crossdock"');
  }
  return reply
    .status(known.status)
    .type('application/problem+json')
    .send({
      type: `/docs/errors#${errorAnchor(known.code)}`,
      title: known.message,
      status: known.status,
      code: known.code,
      detail: known.message,
      fix: known.fix,
      facts: known.facts,
      problems: known.problems,
      requestId: request.id,
    });
}

function translate(error: unknown): MeshError {
  if (error instanceof MeshError) return error;
  const status = (error as FastifyError).statusCode;
  switch (status) {
    case 400:
    case 415:
      return new MeshError('input.invalid', {
        problems: [{ message: (error as Error).message }],
        cause: error,
      });
    case 404:
      return new MeshError('not-found', { facts: { what: 'this address' } });
    case 413:
      return new MeshError('input.too-large', { facts: { what: 'the request body', limit: '16 MiB' } });
    case 429:
      return new MeshError('limit.rate', { facts: { seconds: 60 } });
    case 503:
      return new MeshError('server.busy', { cause: error });
    default:
      return toMeshError(error);
  }
}
