import { requestAccess } from '../api.ts';
import type { Product } from '../api-types.ts';
import { addToBasket, useBasket } from '../basket.ts';
import { Button } from '../parts/button.tsx';
import { RequestFrame } from './request-frame.tsx';

/** Asks for a product on behalf of one of my domains, or puts it beside others to ask for together. */
export function RequestForm({ product, onDone }: { product: Product; onDone: () => void }) {
  const name = `${product.domain}.${product.name}`;
  const isInBasket = useBasket().some((item) => item.product === name);
  return (
    <RequestFrame
      label="Request access"
      products={[name]}
      domains={product.myDomains.filter(({ access }) => access !== 'own').map(({ domain }) => domain)}
      action="Request"
      send={(input) => requestAccess({ product: name, ...input })}
      onDone={onDone}
      className="border-t border-line pt-4"
      buttonClassName="w-full"
    >
      <Button
        className="w-full"
        disabled={isInBasket}
        onClick={() => addToBasket({ product: name, title: product.title })}
      >
        {isInBasket ? 'In your basket' : 'Ask together with others'}
      </Button>
    </RequestFrame>
  );
}
