import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MeshError } from '../../base/errors.ts';
import { FileAnswer, NotModified } from '../../base/file-answer.ts';
import { needInput } from '../../base/input-problems.ts';
import { hasScope } from '../../identity/caller.ts';
import type { Context, Parts } from '../../identity/context.ts';
import { describeDataset } from '../../serving/describe-dataset.ts';
import { findDataset, readDataset } from '../../serving/read-dataset.ts';
import { contextOf } from './caller.ts';
import { sendFile } from './send-file.ts';

type Named = { Params: { domain: string; product: string; dataset: string } };

/** `/data/v1/{domain}/{product}/{dataset}`: rows of one dataset, and its OpenAPI document for this caller. */
export function bindDataApi(app: FastifyInstance, parts: Parts): void {
  app.get<Named>('/data/v1/:domain/:product/:dataset', async (request, reply) => {
    const context = await dataContext(parts, request);
    const ifNoneMatch = request.headers['if-none-match'];
    const input = needInput(readDataset.input, {
      ...(request.query as object),
      ...request.params,
      ifNoneMatch,
    });
    const answer = await readDataset.run(context, input);
    // What one caller may see is nothing for a shared cache; their own may keep it and ask again.
    void reply.header('cache-control', 'private, no-cache').header('vary', 'authorization, cookie');
    if (answer instanceof NotModified) {
      return reply.status(304).headers(answer.headers).header('etag', answer.etag).send();
    }
    if (answer instanceof FileAnswer) return sendFile(answer, reply);
    const { etag, headers, ...page } = answer;
    return reply.headers(headers).header('etag', etag).send(page);
  });

  app.get<Named>('/data/v1/:domain/:product/:dataset/openapi.json', async (request) => {
    const context = await dataContext(parts, request);
    return describeDataset(
      await findDataset(context, { ...request.params, purpose: undefined, at: undefined }),
    );
  });
}

async function dataContext(parts: Parts, request: FastifyRequest): Promise<Context> {
  const context = await contextOf(parts, request);
  if (!hasScope(context.caller, 'query')) throw new MeshError('auth.scope', { facts: { scope: 'query' } });
  return { ...context, request: { ...context.request, door: 'data-api' } };
}
