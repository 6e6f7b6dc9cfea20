import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { approveRenewal, rejectRenewal } from '../api.ts';
import { forgetAccess } from '../cache.ts';
import { formatDay, formatMoment, lastDay } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Field, Optional, TextInput } from '../parts/field.tsx';
import { Narrowing } from '../parts/narrowing.tsx';
import { ErrorNotice, problemAt } from '../parts/notice.tsx';
import { Card } from '../parts/page.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { RequestSteps } from '../parts/request-steps.tsx';
import type { Renewal, Subscription } from '../subscription-types.ts';

interface RenewalDecisionProps {
  subscription: Subscription;
  renewal: Renewal;
  onDecided: (message: string) => void;
}

/** A subscription that somebody wants to keep: only its end is decided. */
export function RenewalDecision({ subscription, renewal, onDecided }: RenewalDecisionProps) {
  const [rejecting, setRejecting] = useState(false);
  const [until, setUntil] = useState('');
  const consumer = subscription.domainTitle;
  const { title } = subscription.product;
  const done = async (word: string) => {
    await forgetAccess();
    onDecided(`${word}: the renewal of ${consumer} for ${title}.`);
  };
  const approve = useMutation({
    mutationFn: () => approveRenewal(renewal.id, until === '' ? {} : { until }),
    onSuccess: () => done('Approved'),
  });
  return (
    <Card className="space-y-4">
      <Question subscription={subscription} renewal={renewal} consumer={consumer} />
      <form
        className="flex flex-wrap items-end justify-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          approve.mutate();
        }}
      >
        <EarlierEnd
          latest={lastDay(renewal.until)}
          until={until}
          problem={problemAt(approve.error, '/until')}
          onChange={setUntil}
        />
        <Button look="danger" onClick={() => setRejecting(true)}>
          Reject…
        </Button>
        <Button type="submit" look="primary" busy={approve.isPending}>
          Approve the renewal
        </Button>
      </form>
      {approve.isError && <ErrorNotice error={approve.error} />}
      {rejecting && (
        <ReasonDialog
          title={`Reject the renewal of ${consumer}`}
          action="Reject"
          hint="The person who asked will read it."
          submit={(reason) => rejectRenewal(renewal.id, reason)}
          onDone={() => void done('Rejected')}
          onClose={() => setRejecting(false)}
        >
          {consumer} keeps {title} until its end, and no longer.
        </ReasonDialog>
      )}
    </Card>
  );
}

function Question({
  subscription,
  renewal,
  consumer,
}: Omit<RenewalDecisionProps, 'onDecided'> & { consumer: string }) {
  const { title } = subscription.product;
  return (
    <>
      <h2 className="text-lg">
        {consumer} asks to keep {title} until {formatDay(lastDay(renewal.until))}
      </h2>
      <blockquote className="border-l-2 border-line-strong pl-3 break-words whitespace-pre-line">
        {subscription.purpose}
      </blockquote>
      {renewal.note && <p className="break-words">{renewal.note}</p>}
      <p className="text-sm text-ink-faint">
        {renewal.requestedBy}, {formatMoment(renewal.requestedAt)}
        {subscription.until && `; it ends after ${formatDay(lastDay(subscription.until))} now`}
      </p>
      <RequestSteps request={renewal} />
      <Narrowing grant={subscription} />
    </>
  );
}

interface EarlierEndProps {
  latest: string;
  until: string;
  problem: string | undefined;
  onChange: (until: string) => void;
}

function EarlierEnd({ latest, until, problem, onChange }: EarlierEndProps) {
  return (
    <Field
      className="mr-auto w-48"
      label={
        <>
          Until an earlier day <Optional />
        </>
      }
      problem={problem}
    >
      {(ids) => (
        <TextInput
          {...ids}
          type="date"
          max={latest}
          value={until}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
