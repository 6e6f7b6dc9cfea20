import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { requestAccess } from '../api.ts';
import type { Access, Product } from '../api-types.ts';
import { forgetAccess } from '../cache.ts';
import { formatDay } from '../format.ts';
import { AccessBadge } from '../parts/badge.tsx';
import { Button, buttonStyle } from '../parts/button.tsx';
import { Field, Optional, Select, TextArea, TextInput } from '../parts/field.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { Card } from '../parts/page.tsx';
import { meQuery, subscriptionsQuery } from '../queries.ts';

/** What each of my domains may do with this product, and how to ask for more. */
export function AccessBox({ product }: { product: Product }) {
  const [asking, setAsking] = useState(false);
  const titles = useDomainTitles();
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
            title={titles(domain)}
          />
        ))}
      </ul>
      {mayAsk && isOpen && <RequestForm product={product} titles={titles} onDone={() => setAsking(false)} />}
      {mayAsk && !isOpen && <Button onClick={() => setAsking(true)}>Request access</Button>}
    </Card>
  );
}

function useDomainTitles(): (name: string) => string {
  const me = useQuery(meQuery);
  return (name) => me.data?.domains.find((domain) => domain.name === name)?.title ?? name;
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
  requested: 'Waits for a steward of the owner to decide.',
  expired: 'The access has ended. Request it again if the purpose still stands.',
  none: 'Not requested.',
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
                For {purpose}
                {until && <span className="text-ink-faint">, until {formatDay(until)}</span>}
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

interface RequestFormProps {
  product: Product;
  titles: (name: string) => string;
  onDone: () => void;
}

function RequestForm({ product, titles, onDone }: RequestFormProps) {
  const domains = product.myDomains.filter(({ access }) => access !== 'own').map(({ domain }) => domain);
  const [domain, setDomain] = useState(domains[0] ?? '');
  const [purpose, setPurpose] = useState('');
  const [until, setUntil] = useState('');
  const ask = useMutation({
    mutationFn: () =>
      requestAccess({
        domain,
        product: `${product.domain}.${product.name}`,
        purpose: purpose.trim(),
        ...(until && { until }),
      }),
    onSuccess: async () => {
      await forgetAccess();
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3 border-t border-line pt-4" aria-label="Request access">
      {domains.length > 1 && (
        <Field label="For the domain">
          {(ids) => (
            <Select {...ids} value={domain} onChange={(event) => setDomain(event.target.value)}>
              {domains.map((name) => (
                <option key={name} value={name}>
                  {titles(name)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <Field label="Purpose" hint="What you will do with it. The steward decides by this.">
        {(ids) => (
          <TextArea
            {...ids}
            required
            rows={3}
            maxLength={500}
            value={purpose}
            onChange={(event) => setPurpose(event.target.value)}
          />
        )}
      </Field>
      <Field
        label={
          <>
            Until <Optional />
          </>
        }
      >
        {(ids) => (
          <TextInput {...ids} type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
        )}
      </Field>
      {ask.isError && <ErrorNotice error={ask.error} />}
      <Button
        type="submit"
        look="primary"
        className="w-full"
        busy={ask.isPending}
        disabled={purpose.trim() === ''}
      >
        Request for {titles(domain)}
      </Button>
    </form>
  );
}
