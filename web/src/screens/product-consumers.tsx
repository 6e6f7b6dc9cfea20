import { useMemo, useState } from 'react';
import { revokeSubscription } from '../api.ts';
import type { Product, ProductSubscription } from '../api-types.ts';
import { forgetAccess } from '../cache.ts';
import { countOf, formatDay, lastDay } from '../format.ts';
import { StateBadge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { Ago } from '../parts/moment.tsx';
import { Narrowing } from '../parts/narrowing.tsx';
import { Empty } from '../parts/notice.tsx';
import { ProofLine } from '../parts/proof-line.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { Delegations } from './product-delegations.tsx';
import { Emergencies } from './emergency.tsx';
import { ProductReaders } from './product-readers.tsx';

interface ProductConsumersProps {
  product: Product;
  /** Absent for those who audit it and do not decide about requests. */
  subscriptions: ProductSubscription[] | undefined;
}

/** Who uses the product and who can, for those who answer for it or audit it. */
export function ProductConsumers({ product, subscriptions }: ProductConsumersProps) {
  return (
    <div className="space-y-8">
      <Emergencies product={product} />
      {subscriptions && (
        <>
          <Subscribers product={product} subscriptions={subscriptions} />
          <Delegations product={product} />
        </>
      )}
      {product.may.audit && <ProductReaders product={product} />}
    </div>
  );
}

function Subscribers({ product, subscriptions }: { product: Product; subscriptions: ProductSubscription[] }) {
  const [revoking, setRevoking] = useState<ProductSubscription | null>(null);
  const mayRevoke = product.may.approve;
  const columns = useMemo(
    () => (mayRevoke ? [...described, revocable(setRevoking)] : described),
    [mayRevoke],
  );
  if (subscriptions.length === 0) {
    return (
      <Empty title="Nobody subscribes yet">
        A consumer finds the product in the catalog and requests access; you decide in the queue.
      </Empty>
    );
  }
  return (
    <>
      <DataTable
        stacks
        caption="Subscriptions to this product"
        columns={columns}
        rows={subscriptions}
        rowKey={(subscription) => subscription.id}
      />
      {revoking && (
        <ReasonDialog
          title={`Revoke the access of ${revoking.domainTitle}`}
          action="Revoke access"
          hint="The members of the domain will read it."
          submit={(reason) => revokeSubscription(revoking.id, reason)}
          onDone={() => {
            setRevoking(null);
            void forgetAccess();
          }}
          onClose={() => setRevoking(null)}
        >
          Their very next query to {product.title} is refused. What they already downloaded stays with them.
        </ReasonDialog>
      )}
    </>
  );
}

const isOver = ({ state }: ProductSubscription) => state !== 'active' && state !== 'requested';

function Ended({ of: { endedBy, endedAt, reason } }: { of: ProductSubscription }) {
  return (
    <p className="text-sm text-ink-faint">
      {endedBy && `by ${endedBy}`}
      {endedAt && (
        <>
          , <Ago at={endedAt} />
        </>
      )}
      {reason && `: ${reason}`}
    </p>
  );
}

const described: TableColumn<ProductSubscription>[] = [
  {
    id: 'domain',
    header: 'Domain',
    sort: ({ domainTitle }) => domainTitle,
    cell: ({ domainTitle, state }) => (
      <span className="flex flex-wrap items-center gap-1.5">
        <span className="font-medium">{domainTitle}</span>
        <StateBadge state={state} />
      </span>
    ),
  },
  {
    id: 'purpose',
    header: 'Purpose and what is given',
    className: 'min-w-60',
    cell: (subscription) => (
      <>
        <span>{subscription.purpose}</span>
        <Narrowing grant={subscription} />
        {isOver(subscription) && <Ended of={subscription} />}
        <ProofLine of={subscription} />
      </>
    ),
  },
  {
    id: 'until',
    header: 'Until',
    sort: ({ until }) => until ?? '~',
    className: 'whitespace-nowrap',
    cell: (subscription) =>
      isOver(subscription) ? '' : subscription.until ? formatDay(lastDay(subscription.until)) : 'no end',
  },
  {
    id: 'usage',
    header: 'Use',
    sort: ({ usage }) => usage.queries,
    className: 'whitespace-nowrap',
    cell: ({ usage }) => <Usage usage={usage} />,
  },
];

const revocable = (
  revoke: (subscription: ProductSubscription) => void,
): TableColumn<ProductSubscription> => ({
  id: 'actions',
  header: '',
  align: 'right',
  cell: (subscription) =>
    subscription.state === 'active' && (
      <Button
        size="small"
        look="danger"
        aria-label={`Revoke the access of ${subscription.domain} for ${subscription.purpose}`}
        onClick={() => revoke(subscription)}
      >
        Revoke
      </Button>
    ),
});

function Usage({ usage: { queries, rows, lastUsedAt } }: Pick<ProductSubscription, 'usage'>) {
  if (queries === 0) return <span className="text-ink-faint">never used</span>;
  return (
    <span className="tabular">
      {countOf(queries, 'query', 'queries')}, {countOf(rows, 'row')}
      {lastUsedAt && (
        <span className="block text-ink-faint">
          <Ago at={lastUsedAt} />
        </span>
      )}
    </span>
  );
}
