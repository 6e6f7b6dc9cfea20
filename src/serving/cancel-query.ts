import { z } from 'zod';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { cancelRunning } from './running-queries.ts';

export const cancelQuery = operation({
  name: 'query.cancel',
  summary: 'Cancel a running query of yours by its id.',
  effect: 'write',
  http: { method: 'DELETE', path: '/queries/:id' },
  scope: 'query',
  input: z.object({ id: z.string().max(60) }),
  output: z.object({ id: z.string(), cancelled: z.literal(true) }),
  async run({ caller }, { id }) {
    if (!cancelRunning(id, caller.id))
      throw new MeshError('not-found', { facts: { what: `running query ${id}` } });
    return { id, cancelled: true as const };
  },
});
