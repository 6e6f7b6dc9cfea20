import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { memberOf } from '../../identity/caller.ts';
import { operation } from '../../identity/context.ts';
import { readWebhook } from './read-webhook.ts';
import { listAttempts, listDeliveries } from './store.ts';

const ATTEMPT = z.object({
  number: z.number(),
  at: z.string(),
  durationMs: z.number(),
  status: z.number().nullable(),
  error: z.string().nullable(),
  answer: z.string().nullable().describe('the beginning of the answer, for engineers and owners'),
});

export const listWebhookDeliveries = operation({
  name: 'webhook.deliveries',
  summary: 'What was sent to an endpoint and what it answered, newest first.',
  effect: 'read',
  http: { method: 'GET', path: '/webhooks/:id/deliveries' },
  scope: 'read',
  input: z.object({
    id: z.string(),
    before: z.string().max(100).optional().describe('cursor: `next` of the page before'),
    limit: z.coerce.number().int().min(1).max(LIMITS.pageRows).default(50),
  }),
  output: z.object({
    deliveries: z.array(
      z.object({
        id: z.string(),
        event: z.string().describe('the webhook-id'),
        type: z.string(),
        subject: z.string(),
        title: z.string(),
        state: z.enum(['waiting', 'delivered', 'failed', 'dropped']),
        createdAt: z.string(),
        nextAt: z.string().nullable(),
        attempts: z.array(ATTEMPT),
      }),
    ),
    next: z.string().nullable(),
  }),
  async run(context, { id, before, limit }) {
    const { webhook } = await readWebhook(context, id);
    const { reader } = context.database;
    const rows = await listDeliveries(reader, { webhookId: id, before, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const attempts = await listAttempts(
      reader,
      page.map((row) => row.id),
    );
    const role = memberOf(context.caller, webhook.domain_id)?.role;
    const seesAnswers = role === 'engineer' || role === 'owner';
    const deliveries = page.map((row) => ({
      ...{ id: row.id, event: row.event_id, type: row.type, subject: row.subject, title: row.title },
      ...{ state: row.state, createdAt: isoTime(row.created_at) },
      nextAt: row.next_at === null ? null : isoTime(row.next_at),
      attempts: attempts
        .filter(({ delivery_id }) => delivery_id === row.id)
        .map(({ number, at, duration_ms, status, error, answer }) => ({
          ...{ number, at: isoTime(at), durationMs: duration_ms, status, error },
          answer: seesAnswers ? answer : null,
        })),
    }));
    return { deliveries, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  },
});
