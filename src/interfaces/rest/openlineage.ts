import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { hasScope } from '../../identity/caller.ts';
import type { Context, Parts } from '../../identity/context.ts';
import { reportEvent, reportEvents } from '../../lineage/reported/report-events.ts';
import { contextOf } from './caller.ts';

type Asked = { Querystring: { domain?: string } };

/** OpenLineage's HTTP API (2.0.2): one event, or many, packed or not. */
export async function bindOpenLineage(app: FastifyInstance, parts: Parts): Promise<void> {
  await app.register(async (door) => {
    door.addHook('preParsing', async (request, _reply, payload) => unpacked(request, payload as Readable));

    door.post<Asked>('/api/v1/lineage', async (request, reply) => {
      const context = await reportContext(parts, request);
      await reportEvent(context, { event: request.body, domain: domainOf(request.query) });
      return reply.status(201).send();
    });

    door.post<Asked>('/api/v1/lineage/batch', async (request, reply) => {
      const context = await reportContext(parts, request);
      const events: unknown = request.body;
      if (!Array.isArray(events) || events.length > LIMITS.lineageBatch) {
        const message = `the body must be a list of at most ${LIMITS.lineageBatch} events`;
        throw new MeshError('input.invalid', { problems: [{ message, pointer: '' }] });
      }
      const failed = await reportEvents(context, { events, domain: domainOf(request.query) });
      const summary = {
        received: events.length,
        successful: events.length - failed.length,
        failed: failed.length,
        retriable: 0,
        non_retriable: failed.length,
      };
      return reply.send({
        status: failed.length === 0 ? 'success' : 'partial_success',
        summary,
        failed_events: failed,
      });
    });
  });
}

/** A parameter given twice is a list; then it names no domain. */
function domainOf({ domain }: Asked['Querystring']): string | undefined {
  return typeof domain === 'string' && domain !== '' ? domain : undefined;
}

async function reportContext(parts: Parts, request: FastifyRequest): Promise<Context> {
  const context = await contextOf(parts, request);
  if (!hasScope(context.caller, 'lineage'))
    throw new MeshError('auth.scope', { facts: { scope: 'lineage' } });
  return context;
}

/** A packed body, unpacked up to the size that any body may have. */
async function unpacked(request: FastifyRequest, payload: Readable): Promise<Readable> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return payload;
  if (encoding !== 'gzip') {
    const message = 'send the body as it is, or packed by gzip';
    throw new MeshError('input.invalid', { problems: [{ message, pointer: '' }] });
  }
  // The length in the header is that of the packed body, which is no longer what is read.
  delete request.headers['content-length'];
  const body = payload.pipe(createGunzip());
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > LIMITS.bodyBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw new MeshError('input.invalid', {
      problems: [{ message: 'the body is not valid gzip', pointer: '' }],
    });
  }
  return Readable.from(Buffer.concat(chunks), { objectMode: false });
}

function tooLarge(): MeshError {
  return new MeshError('input.too-large', {
    facts: { what: 'the body', limit: `${LIMITS.bodyBytes} bytes` },
  });
}
