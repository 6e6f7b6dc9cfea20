import { z } from 'zod';
import { operation } from '../identity/context.ts';
import { ERASURE_VIEW, viewErasure } from './erasure-view.ts';
import { readOwnErasure } from './read-own-erasure.ts';

export const getErasure = operation({
  name: 'erasure.get',
  summary: 'How far an erasure is, and what became of it.',
  effect: 'read',
  http: { method: 'GET', path: '/erasures/:id' },
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: ERASURE_VIEW,
  async run(context, { id }) {
    const { erasure } = await readOwnErasure(context, id);
    return viewErasure(context, erasure);
  },
});
