import type { FastifyInstance } from 'fastify';
import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../../identity/context.ts';

/** `/healthz`: the process answers. `/readyz`: it can also reach its database. */
export function bindHealth(app: FastifyInstance, parts: Parts): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    await parts.database.ping().catch((cause: unknown) => {
      throw new MeshError('server.busy', { cause });
    });
    return { status: 'ready', database: parts.database.kind };
  });
}
