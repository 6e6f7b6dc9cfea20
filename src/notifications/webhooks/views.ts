import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import type { WebhookRow } from '../../store/rows/notifications.ts';
import type { Read } from '../../store/schema.ts';

/** An endpoint as every door shows it: never with its secret. */
export const WEBHOOK_VIEW = z.object({
  id: z.string(),
  domain: z.string(),
  url: z.string(),
  description: z.string(),
  types: z.array(z.string()).describe('empty: every type'),
  products: z.array(z.string()).describe('empty: every product'),
  createdAt: z.string(),
  succeededAt: z.string().nullable(),
  disabledAt: z.string().nullable(),
  disabledReason: z.string().nullable(),
  rotatingUntil: z.string().nullable().describe('until then the former secret signs too'),
});

export function viewWebhook(
  row: Read<WebhookRow>,
  { domain, now }: { domain: string; now: Date },
): z.output<typeof WEBHOOK_VIEW> {
  const rotating = row.former_until !== null && row.former_until > now;
  return {
    id: row.id,
    domain,
    url: row.url,
    description: row.description,
    types: row.types,
    products: row.products,
    createdAt: isoTime(row.created_at),
    succeededAt: timeOrNull(row.succeeded_at),
    disabledAt: timeOrNull(row.disabled_at),
    disabledReason: row.disabled_reason,
    rotatingUntil: rotating ? timeOrNull(row.former_until) : null,
  };
}

function timeOrNull(time: Date | null): string | null {
  return time === null ? null : isoTime(time);
}
