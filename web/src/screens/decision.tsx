import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { approveRequest, rejectRequest } from '../api.ts';
import type { Mask } from '../api-types.ts';
import type { Delegation, Subscription } from '../subscription-types.ts';
import { type Narrowed, approvalOf, EVERYTHING, pickableColumns, type PickableColumn } from '../approval.ts';
import { forgetAccess } from '../cache.ts';
import { describeMask } from '../masks.ts';
import { countOf, formatDay, formatMoment, lastDay } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Narrowing } from '../parts/narrowing.tsx';
import { NarrowingFields } from '../parts/narrowing-fields.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Card } from '../parts/page.tsx';
import { RequestSteps } from '../parts/request-steps.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { requestQuery } from '../queries.ts';
import { readTagExpression } from '../tag-expression.ts';
import { Ceiling, useCeiling } from './held-delegations.tsx';

interface DecisionProps {
  request: Subscription;
  onDecided: (message: string) => void;
}

/** One request: who asks for what and why, and what of it is given. */
export function Decision({ request, onDecided }: DecisionProps) {
  const details = useQuery(requestQuery(request.id));
  const [rejecting, setRejecting] = useState(false);
  const ceiling = useCeiling(request);
  const consumer = request.domainTitle;
  const done = async (word: string) => {
    await forgetAccess();
    onDecided(`${word}: ${consumer} for ${request.product.title}.`);
  };
  return (
    <Card className="p-0">
      <Question request={request} consumer={consumer} />
      {ceiling && <Ceiling delegation={ceiling} />}
      {details.isPending && (
        <div className="p-4">
          <Loading label="Reading the request" />
        </div>
      )}
      {details.isError && (
        <ErrorNotice className="m-4" error={details.error} retry={() => void details.refetch()} />
      )}
      {details.data && (
        <ApprovalForm
          request={request}
          ceiling={ceiling}
          columns={withMasks(
            pickableColumns(details.data.columns, request.columns, ceiling?.columns),
            ceiling?.masks ?? {},
            request.masks,
          )}
          onDone={(approved) =>
            done(approved.waitsFor === 'privacy' ? 'Approved, and waits for its personal data' : 'Approved')
          }
          onReject={() => setRejecting(true)}
        />
      )}
      {rejecting && (
        <ReasonDialog
          title={`Reject the request of ${consumer}`}
          action="Reject"
          hint="The person who asked will read it: say what would make it acceptable."
          submit={(reason) => rejectRequest(request.id, reason)}
          onDone={() => void done('Rejected')}
          onClose={() => setRejecting(false)}
        >
          {consumer} gets nothing of {request.product.title} for this purpose.
        </ReasonDialog>
      )}
    </Card>
  );
}

function Question({ request, consumer }: { request: Subscription; consumer: string }) {
  const { product } = request;
  return (
    <div className="space-y-2 border-b border-line p-4">
      <h2 className="text-lg">
        {consumer} asks for{' '}
        <Link
          to="/products/$domain/$product"
          params={{ domain: product.domain, product: product.name }}
          className="text-accent hover:underline"
        >
          {product.title}
        </Link>
      </h2>
      <blockquote className="border-l-2 border-line-strong pl-3 break-words whitespace-pre-line">
        {request.purpose}
      </blockquote>
      <p className="text-sm text-ink-faint">
        {request.requestedBy}, <time dateTime={request.requestedAt}>{formatMoment(request.requestedAt)}</time>
        {request.until ? `, until ${formatDay(lastDay(request.until))}` : ', without end date'}
      </p>
      <Answers request={request} />
      {request.waitsFor === 'privacy' && (
        <>
          <RequestSteps request={request} />
          <Narrowing grant={request} />
          <p className="text-sm">
            The producer gives columns with personal data. You decide whether they may be used for this
            purpose.
          </p>
        </>
      )}
    </div>
  );
}

/** What the request form asked, and the terms that were agreed to. */
function Answers({ request: { answers, terms } }: { request: Subscription }) {
  if (answers.length === 0 && terms === null) return null;
  return (
    <dl className="space-y-1 text-sm">
      {answers.map(({ name, ask, answer }) => (
        <Answer key={name} ask={ask} answer={answer} />
      ))}
      {terms && (
        <Answer
          ask="Terms"
          answer={`agreed to, ${terms.contracts.map(({ dataset, version }) => `${dataset} ${version}`).join(', ')}`}
        />
      )}
    </dl>
  );
}

const Answer = ({ ask, answer }: { ask: string; answer: string }) => (
  <div className="gap-x-6 sm:grid sm:grid-cols-[minmax(8rem,14rem)_1fr]">
    <dt className="text-ink-faint">{ask}</dt>
    <dd className="break-words">{answer}</dd>
  </div>
);

interface ApprovalFormProps {
  request: Subscription;
  ceiling: Delegation | undefined;
  columns: PickableColumn[];
  onDone: (approved: Subscription) => Promise<void>;
  onReject: () => void;
}

function ApprovalForm({ request, ceiling, columns, onDone, onReject }: ApprovalFormProps) {
  const [narrowed, setNarrowed] = useState<Narrowed>(EVERYTHING);
  const approval = useMemo(() => approvalOf(narrowed, columns), [narrowed, columns]);
  const approve = useMutation({ mutationFn: () => approveRequest(request.id, approval), onSuccess: onDone });
  const change = (part: Partial<Narrowed>) => {
    // A refusal is about what was sent.
    if (approve.isError) approve.reset();
    setNarrowed((before) => ({ ...before, ...part }));
  };
  const given = columns.length - narrowed.left.size;
  const filtered = request.rowFilter !== null || (ceiling?.rowFilter ?? null) !== null;
  return (
    <form
      className="space-y-5 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        approve.mutate();
      }}
    >
      <NarrowingFields
        columns={columns}
        narrowed={narrowed}
        latest={earlier(request.until, ceiling?.until ?? null)}
        onChange={change}
        error={approve.error}
      />
      {approve.isError && <ErrorNotice error={approve.error} />}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p className="mr-auto text-sm text-ink-faint">
          {summaryOf(narrowed, { given, total: columns.length, filtered })}
        </p>
        <Button look="danger" onClick={onReject}>
          Reject…
        </Button>
        <Button
          type="submit"
          look="primary"
          busy={approve.isPending}
          disabled={given === 0 || 'problem' in readTagExpression(narrowed.tags)}
        >
          Approve
        </Button>
      </div>
    </form>
  );
}

/** Masks that a ceiling or an earlier step has set are no choice of this step. */
const withMasks = (columns: PickableColumn[], ...set: Record<string, Mask>[]): PickableColumn[] =>
  columns.map((column) => {
    const masks = set.find((one) => Object.hasOwn(one, column.name));
    return masks ? { ...column, otherwise: `${describeMask(masks[column.name])} (above)` } : column;
  });

/** Of two ends the one that comes first; null is none. */
const earlier = (left: string | null, right: string | null): string | null =>
  left === null || right === null ? (left ?? right) : left < right ? left : right;

function summaryOf(
  { masks, rows, until, left, tags }: Narrowed,
  { given, total, filtered }: { given: number; total: number; filtered: boolean },
): string {
  const masked = [...masks.keys()].filter((name) => !left.has(name)).length;
  return [
    given === total ? `all ${countOf(total, 'column')}` : `${given} of ${countOf(total, 'column')}`,
    tags.trim() !== '' && 'as far as they are so tagged',
    masked > 0 && `${masked} masked`,
    rows.trim() !== '' ? 'filtered rows' : filtered ? 'the rows above' : 'all rows',
    until !== '' && `until ${formatDay(until)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
