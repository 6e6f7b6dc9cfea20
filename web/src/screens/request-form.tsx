import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { requestAccess } from '../api.ts';
import type { Product } from '../api-types.ts';
import { addToBasket, useBasket } from '../basket.ts';
import { forgetAccess } from '../cache.ts';
import { Button } from '../parts/button.tsx';
import { useDomainTitle } from '../parts/domain-name.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { askedBody, nothingAsked, RequestFields } from './request-fields.tsx';

/** Asks for a product on behalf of one of my domains, or puts it beside others to ask for together. */
export function RequestForm({ product, onDone }: { product: Product; onDone: () => void }) {
  const domains = product.myDomains.filter(({ access }) => access !== 'own').map(({ domain }) => domain);
  const [asked, setAsked] = useState(() => nothingAsked(domains[0] ?? ''));
  const titleOf = useDomainTitle();
  const name = `${product.domain}.${product.name}`;
  const isInBasket = useBasket().some((item) => item.product === name);
  const ask = useMutation({
    mutationFn: () => requestAccess({ product: name, ...askedBody(asked) }),
    onSuccess: async () => {
      await forgetAccess();
      onDone();
    },
  });
  return (
    <form
      aria-label="Request access"
      className="space-y-3 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <RequestFields
        products={[name]}
        domains={domains}
        asked={asked}
        onChange={(part) => setAsked((before) => ({ ...before, ...part }))}
        error={ask.error}
      />
      {ask.isError && <ErrorNotice error={ask.error} />}
      <Button
        type="submit"
        look="primary"
        className="w-full"
        busy={ask.isPending}
        disabled={asked.purpose.trim() === ''}
      >
        Request for {titleOf(asked.domain)}
      </Button>
      <Button
        className="w-full"
        disabled={isInBasket}
        onClick={() => addToBasket({ product: name, title: product.title })}
      >
        {isInBasket ? 'In your basket' : 'Ask together with others'}
      </Button>
    </form>
  );
}
