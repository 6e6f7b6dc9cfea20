import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Access, Product } from '../api-types.ts';
import { formatDay, lastDay } from '../format.ts';
import { AccessBadge } from '../parts/badge.tsx';
import { Button, buttonStyle } from '../parts/button.tsx';
import { Card } from '../parts/page.tsx';
import { useDomainTitle } from '../parts/domain-name.tsx';
import { subscriptionsQuery } from '../queries.ts';
import { MyEmergency } from './emergency.tsx';
import { RequestForm } from './request-form.tsx';

/** What each of my domains may do with this product, and how to ask for more. */
export function AccessBox({ product }: { product: Product }) {
  const [asking, setAsking] = useState(false);
  const titleOf = useDomainTitle();
  const mayAsk = product.may.request && product.myDomains.some(({ access }) => access !== 'own');
  const isOpen = asking || (mayAsk && product.myDomains.every(({ access }) => access === 'none'));
  return (
    <Card className="space-y-4">
      <h2 className="text-base">Your access</h2>
      {product.myDomains.length === 0 && (
        <p className="text-ink-soft">
          You belong to no domain yet, and access is given to domains. Ask the owner of yours to add you.
        </p>
      )}
      <ul className="space-y-3">
        {product.myDomains.map(({ domain, access }) => (
          <DomainAccess
            key={domain}
            product={product}
            domain={domain}
            access={access}
            title={titleOf(domain)}
          />
        ))}
      </ul>
      <MyEmergency product={product} />
      {mayAsk && isOpen && <RequestForm product={product} onDone={() => setAsking(false)} />}
      {mayAsk && !isOpen && <Button onClick={() => setAsking(true)}>Request for another purpose</Button>}
    </Card>
  );
}

interface DomainAccessProps {
  product: Product;
  domain: string;
  access: Access;
  title: string;
}

const SENTENCES: Record<Access, string> = {
  own: 'Your domain makes this product and reads it without a subscription.',
  active: 'Its members may query it.',
  forbidden: 'The access is active, but a policy forbids reading it now.',
  requested: 'Waits for a decision.',
  expired: 'The access has ended. Request it again if the purpose still stands.',
  none: 'No access yet.',
};

function DomainAccess({ product, domain, access, title }: DomainAccessProps) {
  const subscriptions = useQuery({ ...subscriptionsQuery, enabled: access === 'active' });
  const mine = subscriptions.data?.filter(
    (found) =>
      found.state === 'active' &&
      found.domain === domain &&
      found.product.domain === product.domain &&
      found.product.name === product.name,
  );
  const sqlName = product.datasets.find(({ release }) => release)?.sqlNames[0];
  return (
    <li className="space-y-1">
      <div className="flex items-center justify-between gap-2">
        <span className="truncate font-medium">{title}</span>
        <AccessBadge access={access} />
      </div>
      <div className="text-sm text-ink-soft">
        {mine && mine.length > 0 ? (
          <ul className="space-y-1">
            {mine.map(({ id, purpose, until }) => (
              <li key={id}>
                “{purpose}”
                {until && <span className="text-ink-faint">, until {formatDay(lastDay(until))}</span>}
              </li>
            ))}
          </ul>
        ) : (
          SENTENCES[access]
        )}
      </div>
      {(access === 'own' || access === 'active') && sqlName && (
        <Link
          to="/query"
          search={{ from: sqlName }}
          className={buttonStyle({ look: 'primary', className: 'mt-2 w-full' })}
        >
          Query it
        </Link>
      )}
    </li>
  );
}
