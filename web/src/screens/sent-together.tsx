import type { Subscription } from '../subscription-types.ts';
import { StateBadge } from '../parts/badge.tsx';
import { Section } from '../parts/page.tsx';

/** Requests that were sent together and of which one waits still, each basket as one. */
export function SentTogether({ subscriptions }: { subscriptions: Subscription[] }) {
  const baskets = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    if (one.basket !== null) baskets.set(one.basket, [...(baskets.get(one.basket) ?? []), one]);
  }
  const waiting = [...baskets].filter(([, requests]) => requests.some(({ state }) => state === 'requested'));
  if (waiting.length === 0) return null;
  return (
    <Section title="Sent together">
      <ul className="space-y-3">
        {waiting.map(([id, requests]) => (
          <li key={id} className="rounded-lg border border-line bg-surface px-4 py-3">
            <p className="font-medium">{requests[0]!.purpose}</p>
            <p className="text-sm text-ink-soft">
              {requests[0]!.domainTitle}: {decidedOf(requests)}
            </p>
            <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
              {requests.map((request) => (
                <li key={request.id} className="flex items-center gap-1.5">
                  {request.product.title} <StateBadge state={request.state} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function decidedOf(requests: Subscription[]): string {
  const decided = requests.filter(({ state }) => state !== 'requested').length;
  return `${decided} of ${requests.length} decided`;
}
