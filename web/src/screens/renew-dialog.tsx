import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { renewSubscription } from '../api.ts';
import { forgetAccess } from '../cache.ts';
import { formatDay, lastDay } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, Optional, TextInput } from '../parts/field.tsx';
import { ErrorNotice, problemAt } from '../parts/notice.tsx';
import type { Subscription } from '../subscription-types.ts';

/** Asks to keep a subscription for longer, as it is. */
export function RenewDialog({ subscription, onClose }: { subscription: Subscription; onClose: () => void }) {
  const [until, setUntil] = useState('');
  const [note, setNote] = useState('');
  const end = subscription.until === null ? '' : lastDay(subscription.until);
  const renew = useMutation({
    mutationFn: () =>
      renewSubscription(subscription.id, { until, ...(note.trim() && { note: note.trim() }) }),
    onSuccess: async () => {
      await forgetAccess();
      onClose();
    },
  });
  return (
    <Dialog title={`Renew ${subscription.product.title}`} onClose={onClose}>
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          renew.mutate();
        }}
      >
        <p className="text-ink-soft">
          Ends after {formatDay(end)}. The grant stays as it is, and access goes on if this is approved
          before.
        </p>
        <Field label="Until" hint="Through that day, UTC." problem={problemAt(renew.error, '/until')}>
          {(ids) => (
            <TextInput
              {...ids}
              type="date"
              required
              min={end}
              value={until}
              onChange={(event) => setUntil(event.target.value)}
            />
          )}
        </Field>
        <Field
          label={
            <>
              Why it is needed for longer <Optional />
            </>
          }
          problem={problemAt(renew.error, '/note')}
        >
          {(ids) => <TextInput {...ids} value={note} onChange={(event) => setNote(event.target.value)} />}
        </Field>
        {renew.isError && <ErrorNotice error={renew.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={renew.isPending} disabled={until === ''}>
            Ask for renewal
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
