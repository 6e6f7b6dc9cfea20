import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MeshError } from '../../base/errors.ts';
import { FileAnswer, NotModified } from '../../base/file-answer.ts';
import { needInput } from '../../base/input-problems.ts';
import type { AnyOperation } from '../../base/operation.ts';
import { hasScope } from '../../identity/caller.ts';
import type { Context, Parts } from '../../identity/context.ts';
import { anonymousContext, contextOf } from './caller.ts';
import { sendFile } from './send-file.ts';

/** Binds every operation to its method and path below `/api/v1`. */
export function bindOperations(
  app: FastifyInstance,
  parts: Parts,
  operations: AnyOperation<Context>[],
): void {
  for (const operation of operations) {
    app.route({
      method: operation.http.method,
      url: `/api/v1${operation.http.path}`,
      handler: (request, reply) => answer(parts, operation, { request, reply }),
    });
  }
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

/** Caller, scope, input, run, answer: the order of every request. */
async function answer(
  parts: Parts,
  operation: AnyOperation<Context>,
  { request, reply }: Exchange,
): Promise<unknown> {
  const context =
    operation.scope === 'anyone' ? anonymousContext(parts, request) : await contextOf(parts, request);
  if (operation.scope !== 'anyone' && !hasScope(context.caller, operation.scope)) {
    throw new MeshError('auth.scope', { facts: { scope: operation.scope } });
  }
  const input: unknown = needInput(operation.input, inputOf(operation, request));
  const output: unknown = await operation.run(context, input);
  void reply.header('cache-control', 'no-store');
  if (output instanceof FileAnswer) return sendFile(output, reply);
  if (output instanceof NotModified) return reply.status(304).header('etag', output.etag).send();
  return output === undefined ? reply.status(204).send() : reply.send(output);
}

/** Path parameters win over the body: what the address names is what is acted on. */
function inputOf(operation: AnyOperation<Context>, request: FastifyRequest): unknown {
  const given = operation.http.method === 'GET' ? request.query : request.body;
  if (given !== undefined && given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    throw new MeshError('input.invalid', {
      problems: [{ message: 'the body must be a JSON object', pointer: '' }],
    });
  }
  return { ...(given ?? {}), ...(request.params as object) };
}
