import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteWebhook, enableWebhook, pauseWebhook, testWebhook } from '../api.ts';
import type { Webhook, WebhookDelivery, WebhookTest } from '../notification-types.ts';
import { cache } from '../cache.ts';
import { formatDuration, sentence } from '../format.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Ago } from '../parts/moment.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { webhookDeliveriesQuery } from '../queries.ts';

const forgetWebhooks = () => cache.invalidateQueries({ queryKey: ['webhooks'] });

/** One endpoint: what it takes, whether it listens, what was sent last. */
export function WebhookItem({ webhook }: { webhook: Webhook }) {
  const { id, url, description, disabledAt, disabledReason, succeededAt } = webhook;
  const test = useMutation({ mutationFn: () => testWebhook(id), onSettled: forgetWebhooks });
  const turn = useMutation({
    mutationFn: () => (disabledAt === null ? pauseWebhook(id) : enableWebhook(id)),
    onSuccess: forgetWebhooks,
  });
  const [removing, setRemoving] = useState(false);
  return (
    <li className="space-y-2 px-4 py-3" aria-label={url}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code className="min-w-0 font-mono text-sm font-semibold break-all">{url}</code>
        <Badge tone={disabledAt === null ? 'good' : 'warn'}>
          {disabledAt === null ? 'sending' : 'stopped'}
        </Badge>
        <span className="ml-auto flex gap-1.5">
          <Button
            size="small"
            busy={test.isPending}
            disabled={disabledAt !== null}
            onClick={() => test.mutate()}
          >
            Send a test
          </Button>
          <Button size="small" busy={turn.isPending} onClick={() => turn.mutate()}>
            {disabledAt === null ? 'Pause' : 'Enable'}
          </Button>
          <Button size="small" look="danger" onClick={() => setRemoving(true)}>
            Remove
          </Button>
        </span>
      </div>
      {description !== '' && <p>{description}</p>}
      <p className="text-sm text-ink-soft">
        {webhook.types.length === 0 ? 'All kinds of events' : webhook.types.join(', ')} of{' '}
        {webhook.products.length === 0 ? 'all products' : webhook.products.join(', ')} ·{' '}
        {succeededAt === null ? (
          'never taken yet'
        ) : (
          <>
            last taken <Ago at={succeededAt} />
          </>
        )}
      </p>
      {disabledReason !== null && <p className="text-sm text-warn">{sentence(disabledReason)}</p>}
      <div role="status">{test.data && <Outcome test={test.data} />}</div>
      {(test.isError || turn.isError) && <ErrorNotice error={test.error ?? turn.error} />}
      <Deliveries id={id} />
      {removing && <Removal webhook={webhook} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function Outcome({ test: { delivered, status, error, durationMs } }: { test: WebhookTest }) {
  return (
    <p className="text-sm">
      <Badge tone={delivered ? 'good' : 'bad'}>{delivered ? 'taken' : 'not taken'}</Badge>{' '}
      {error ?? `answered ${status}`} in {formatDuration(durationMs)}
    </p>
  );
}

const TONES: Record<WebhookDelivery['state'], Tone> = {
  waiting: 'neutral',
  delivered: 'good',
  failed: 'bad',
  dropped: 'neutral',
};

/** What was sent last and what came back; read when it is looked at. */
function Deliveries({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit cursor-pointer rounded-sm text-sm text-ink-soft hover:text-ink">
        Last deliveries
      </summary>
      {open && <DeliveryList id={id} />}
    </details>
  );
}

function DeliveryList({ id }: { id: string }) {
  const deliveries = useQuery(webhookDeliveriesQuery(id));
  if (deliveries.isPending) return <Loading label="Reading the deliveries" lines={2} />;
  if (deliveries.isError)
    return <ErrorNotice error={deliveries.error} retry={() => void deliveries.refetch()} />;
  if (deliveries.data.length === 0)
    return <p className="mt-2 text-sm text-ink-soft">Nothing was sent yet. Send a test.</p>;
  return (
    <ul aria-label="Deliveries" className="mt-2 space-y-1 text-sm">
      {deliveries.data.map(({ id: delivery, state, type, title, createdAt, attempts }) => {
        const last = attempts.at(-1);
        return (
          <li key={delivery} className="flex flex-wrap items-baseline gap-x-2.5">
            <Badge tone={TONES[state]}>{state}</Badge>
            <span className="font-mono text-xs text-ink-faint">{type}</span>
            <span className="min-w-0 break-words">{title}</span>
            <span className="text-ink-faint">
              <Ago at={createdAt} />
              {last &&
                ` · ${last.error ?? last.status} after ${attempts.length === 1 ? 'one attempt' : `${attempts.length} attempts`}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Removal({ webhook: { id, url }, onClose }: { webhook: Webhook; onClose: () => void }) {
  const remove = useMutation({ mutationFn: () => deleteWebhook(id), onSuccess: forgetWebhooks });
  return (
    <Dialog title="Remove the endpoint" onClose={onClose}>
      <div className="space-y-4">
        <p className="break-words text-ink-soft">
          Nothing more is sent to <code className="font-mono text-sm break-all">{url}</code>; its secret and
          the log of its deliveries are forgotten.
        </p>
        {remove.isError && <ErrorNotice error={remove.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
