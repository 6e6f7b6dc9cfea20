import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { requestBasket } from '../api.ts';
import type { Me } from '../api-types.ts';
import { type BasketItem, emptyBasket, takeFromBasket, useBasket } from '../basket.ts';
import { countOf } from '../format.ts';
import { Button, buttonStyle } from '../parts/button.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Card, Page, PageTitle } from '../parts/page.tsx';
import { meQuery } from '../queries.ts';
import { RequestFrame } from './request-frame.tsx';

/** Several products, asked for with one purpose and one form. */
export function BasketScreen() {
  const items = useBasket();
  const me = useQuery(meQuery);
  return (
    <Page>
      <div className="mb-5">
        <PageTitle title="Basket" />
        <p className="text-ink-soft">
          One purpose and one form for all of them. Each owner decides about their own product.
        </p>
      </div>
      {items.length === 0 && (
        <Empty
          title="Your basket is empty"
          action={
            <Link to="/" className={buttonStyle({ look: 'plain' })}>
              Open the catalog
            </Link>
          }
        >
          Put products here from the catalog to ask for them together.
        </Empty>
      )}
      {items.length > 0 && me.isPending && <Loading label="Reading your domains" />}
      {items.length > 0 && me.data && <Basket items={items} me={me.data} />}
    </Page>
  );
}

function Basket({ items, me }: { items: BasketItem[]; me: Me }) {
  const navigate = useNavigate();
  const products = items.map(({ product }) => product);
  return (
    <div className="gap-6 lg:grid lg:grid-cols-[20rem_minmax(0,1fr)] lg:items-start">
      <Items items={items} />
      <Card>
        <RequestFrame
          label="Request all of them"
          products={products}
          domains={me.domains.map(({ name }) => name)}
          action={`Request ${countOf(items.length, 'product')}`}
          send={(input) => requestBasket({ products, ...input })}
          onDone={async () => {
            emptyBasket();
            await navigate({ to: '/access' });
          }}
        />
      </Card>
    </div>
  );
}

function Items({ items }: { items: BasketItem[] }) {
  return (
    <ul
      aria-label="Products in the basket"
      className="mb-6 divide-y divide-line rounded-lg border border-line bg-surface lg:mb-0"
    >
      {items.map(({ product, title }) => (
        <li key={product} className="flex items-center justify-between gap-3 px-3.5 py-2.5">
          <span className="min-w-0">
            <span className="block truncate font-medium">{title}</span>
            <span className="block truncate font-mono text-xs text-ink-faint">{product}</span>
          </span>
          <Button
            size="small"
            aria-label={`Take ${title} out of the basket`}
            onClick={() => takeFromBasket(product)}
          >
            Remove
          </Button>
        </li>
      ))}
    </ul>
  );
}
