import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Subscription } from '../subscription-types.ts';
import { Badge } from '../parts/badge.tsx';
import { buttonStyle } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { toDecideQuery } from '../queries.ts';
import { Decision } from './decision.tsx';
import { HeldDelegations } from './held-delegations.tsx';
import { RenewalDecision } from './renewal-decision.tsx';

const route = getRouteApi('/queue');

/** Requests that wait for me, and the decision about one of them. */
export function QueueScreen() {
  const requests = useQuery(toDecideQuery);
  const [decided, setDecided] = useState<string | null>(null);
  return (
    <Page>
      <div className="mb-5">
        <PageTitle title="Queue" />
        <p className="text-ink-soft">
          Requests for the products you answer for. An approval counts from the next query on.
        </p>
      </div>
      <p role="status" className={decided ? 'mb-4 rounded-lg bg-good-soft px-4 py-2.5 text-good' : 'sr-only'}>
        {decided}
      </p>
      <HeldDelegations />
      {requests.isPending && <Loading label="Reading the queue" />}
      {requests.isError && <ErrorNotice error={requests.error} retry={() => void requests.refetch()} />}
      {requests.data?.length === 0 && (
        <Empty
          title="Nothing waits for you"
          action={
            <Link to="/" search={{ access: 'own' }} className={buttonStyle({ look: 'plain' })}>
              See your products
            </Link>
          }
        >
          When a domain requests one of your products, it appears here.
        </Empty>
      )}
      {requests.data && requests.data.length > 0 && (
        <Requests requests={requests.data} onDecided={(message) => setDecided(message)} />
      )}
    </Page>
  );
}

interface RequestsProps {
  requests: Subscription[];
  onDecided: (message: string) => void;
}

function Requests({ requests, onDecided }: RequestsProps) {
  const { request: chosen } = route.useSearch();
  const current = requests.find(({ id }) => id === chosen) ?? requests[0];
  return (
    <div className="gap-6 lg:grid lg:grid-cols-[20rem_minmax(0,1fr)] lg:items-start">
      <ol
        aria-label="Waiting requests"
        className="mb-6 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface lg:mb-0"
      >
        {requests.map((request) => (
          <li key={request.id}>
            <Link
              to="/queue"
              search={{ request: request.id }}
              replace
              resetScroll={false}
              aria-current={request.id === current?.id ? 'true' : undefined}
              className="block border-l-2 border-transparent px-3.5 py-2.5 -outline-offset-2 hover:bg-hover aria-[current=true]:border-accent aria-[current=true]:bg-hover"
            >
              <span className="flex justify-between gap-3">
                <span className="truncate font-medium">{request.product.title}</span>
                <span className="shrink-0 text-sm text-ink-faint">
                  <Ago at={(request.renewal ?? request).requestedAt} />
                </span>
              </span>
              <span className="block truncate text-sm text-ink-soft">
                {request.domainTitle}: {request.purpose}
              </span>
              <span className="flex gap-1.5">
                {request.renewal && <Badge>renewal</Badge>}
                {(request.renewal ?? request).waitsFor === 'privacy' && (
                  <Badge tone="warn">personal data</Badge>
                )}
              </span>
            </Link>
          </li>
        ))}
      </ol>
      {current?.renewal && (
        <RenewalDecision
          key={current.renewal.id}
          subscription={current}
          renewal={current.renewal}
          onDecided={onDecided}
        />
      )}
      {current && !current.renewal && <Decision key={current.id} request={current} onDecided={onDecided} />}
    </div>
  );
}
