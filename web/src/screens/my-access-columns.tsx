import { Link } from '@tanstack/react-router';
import type { Renewal, Subscription } from '../subscription-types.ts';
import { formatDay, lastDay, sentence } from '../format.ts';
import { StateBadge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import type { TableColumn } from '../parts/data-table.tsx';
import { Ago } from '../parts/moment.tsx';
import { Narrowing } from '../parts/narrowing.tsx';
import { ProofLine } from '../parts/proof-line.tsx';
import { RequestSteps } from '../parts/request-steps.tsx';
import { WhoDecides } from './who-decides.tsx';

type Column = TableColumn<Subscription>;

const WaitingRenewal = ({ renewal }: { renewal: Renewal }) => (
  <div className="mt-1">
    <span className="text-sm text-ink-soft">Renewal until {formatDay(lastDay(renewal.until))}</span>
    <RequestSteps request={renewal} />
  </div>
);

const product: Column = {
  id: 'product',
  header: 'Product',
  sort: ({ product: { title } }) => title,
  className: 'min-w-44 w-[22%]',
  cell: ({ product: { domain, name, title } }) => (
    <>
      <Link
        to="/products/$domain/$product"
        params={{ domain, product: name }}
        className="font-medium hover:text-accent hover:underline"
      >
        {title}
      </Link>
      <span className="block font-mono text-xs text-ink-faint">
        {domain}.{name}
      </span>
    </>
  ),
};

const consumer: Column = {
  id: 'domain',
  header: 'For',
  sort: ({ domain }) => domain,
  className: 'w-[14%]',
  cell: ({ domainTitle }) => domainTitle,
};

const purpose: Column = {
  id: 'purpose',
  header: 'Purpose and what is given',
  className: 'min-w-60 w-[46%]',
  cell: (subscription) => (
    <>
      {subscription.purpose}
      <Narrowing grant={subscription} />
    </>
  ),
};

/** What does not end sorts last. */
const until: Column = {
  id: 'until',
  header: 'Until',
  sort: (subscription) => subscription.until ?? '~',
  className: 'whitespace-nowrap',
  cell: (subscription) => (subscription.until ? formatDay(lastDay(subscription.until)) : 'no end'),
};

const asked: Column = {
  id: 'requested',
  header: 'Asked',
  sort: ({ requestedAt }) => requestedAt,
  className: 'whitespace-nowrap',
  cell: ({ requestedAt, requestedBy }) => (
    <>
      <Ago at={requestedAt} />
      <span className="block text-xs text-ink-faint">{requestedBy}</span>
    </>
  ),
};

export const endedColumns: Column[] = [
  product,
  consumer,
  {
    id: 'state',
    header: 'State',
    sort: ({ state }) => state,
    cell: ({ state }) => <StateBadge state={state} />,
  },
  {
    id: 'purpose',
    header: 'Purpose, and why it ended',
    className: 'min-w-60 w-[46%]',
    cell: (subscription) => (
      <>
        {subscription.purpose}
        {subscription.reason && (
          <span className="mt-0.5 block text-ink-faint">{sentence(subscription.reason)}</span>
        )}
        <ProofLine of={subscription} />
      </>
    ),
  },
  {
    id: 'ended',
    header: 'Ended',
    sort: (subscription) => subscription.endedAt ?? '',
    className: 'whitespace-nowrap',
    cell: ({ endedAt, endedBy }) => (
      <>
        {endedAt && <Ago at={endedAt} />}
        <span className="block text-xs text-ink-faint">{endedBy}</span>
      </>
    ),
  },
];

export const waitingColumns = (withdraw: (id: string) => void): Column[] => [
  product,
  consumer,
  {
    ...purpose,
    header: 'Purpose and progress',
    cell: (request) => (
      <>
        {request.purpose}
        <Narrowing grant={request} />
        <RequestSteps request={request} />
        <WhoDecides id={request.id} />
      </>
    ),
  },
  asked,
  {
    id: 'actions',
    header: '',
    align: 'right',
    cell: (subscription) => (
      <Button
        size="small"
        aria-label={`Withdraw the request for ${subscription.product.title}`}
        onClick={() => withdraw(subscription.id)}
      >
        Withdraw
      </Button>
    ),
  },
];

export interface ActiveActions {
  /** Domains in which I am owner or steward: only they may give their access up. */
  mayGiveUp: ReadonlySet<string>;
  giveUp: (subscription: Subscription) => void;
  renew: (subscription: Subscription) => void;
  takeBack: (renewal: Renewal) => void;
}

export const activeColumns = ({ mayGiveUp, giveUp, renew, takeBack }: ActiveActions): Column[] => [
  product,
  consumer,
  {
    ...purpose,
    cell: (subscription) => (
      <>
        {subscription.purpose}
        <Narrowing grant={subscription} />
        <ProofLine of={subscription} />
        {subscription.renewal && <WaitingRenewal renewal={subscription.renewal} />}
      </>
    ),
  },
  until,
  {
    id: 'actions',
    header: '',
    align: 'right',
    cell: (subscription) => (
      <span className="flex flex-wrap justify-end gap-1.5">
        {subscription.until && !subscription.renewal && (
          <Button
            size="small"
            aria-label={`Renew ${subscription.product.title}`}
            onClick={() => renew(subscription)}
          >
            Renew
          </Button>
        )}
        {subscription.renewal && (
          <Button
            size="small"
            aria-label={`Withdraw the renewal of ${subscription.product.title}`}
            onClick={() => takeBack(subscription.renewal!)}
          >
            Withdraw renewal
          </Button>
        )}
        {mayGiveUp.has(subscription.domain) && (
          <Button
            size="small"
            aria-label={`Give up ${subscription.product.title}`}
            onClick={() => giveUp(subscription)}
          >
            Give up
          </Button>
        )}
      </span>
    ),
  },
];
