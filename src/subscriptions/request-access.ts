import { z } from 'zod';
import { LIMITS } from '../base/limits.ts';
import { operation } from '../identity/context.ts';
import { readUntil, UNTIL } from './end-date.ts';
import { NARROWING } from './grant.ts';
import { findSubscription } from './store.ts';
import { submitRequests } from './submit-requests.ts';
import { SUBSCRIPTION_VIEW, viewSubscription } from './views.ts';

/** What every request says, for one product or several. */
export const REQUEST_INPUT = {
  domain: z.string().optional().describe('the consumer domain; needed when you belong to several'),
  purpose: z.string().trim().min(3).max(500).describe('what the data will be used for'),
  until: UNTIL,
  answers: z
    .record(z.string(), z.union([z.string(), z.boolean()]))
    .refine(
      (answers) => Object.keys(answers).length <= LIMITS.formQuestions,
      'answers more than any form asks',
    )
    .default({})
    .describe('answers to the form, by the names of its questions'),
  agreed: z
    .array(z.string())
    .max(LIMITS.basketProducts)
    .default([])
    .describe('versions of the terms that are agreed to'),
};

export const requestAccess = operation({
  name: 'subscription.request',
  summary: 'Ask a producer for access to a product, for a purpose.',
  effect: 'write',
  http: { method: 'POST', path: '/requests' },
  scope: 'write',
  input: z.object({
    product: z.string().describe('DOMAIN.PRODUCT'),
    ...REQUEST_INPUT,
    columns: NARROWING.columns.describe('the columns asked for; absent asks for all'),
  }),
  output: SUBSCRIPTION_VIEW,
  async run(context, { product: name, ...input }) {
    const { reader } = context.database;
    const until = readUntil(input.until, context.clock.now());
    const columns = input.columns ?? null;
    const { domain, purpose, answers, agreed } = input;
    const asked = { products: [name], domain, purpose, columns, until, answers, agreed, basketId: null };
    const [id = ''] = await submitRequests(context, asked);
    return viewSubscription((await findSubscription(reader, id))!);
  },
});
