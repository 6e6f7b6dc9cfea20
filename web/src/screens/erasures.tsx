import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Me } from '../api-types.ts';
import type { Erasure } from '../erasures.ts';
import { Badge, StateBadge } from '../parts/badge.tsx';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle, Section } from '../parts/page.tsx';
import { erasuresQuery, meQuery } from '../queries.ts';
import { ErasureForm } from './erasure-form.tsx';
import { ErasureReport } from './erasure-report.tsx';

const route = getRouteApi('/erasures');

/** Data subjects taken out of my domains: to begin one, how far one is, and those of before. */
export function ErasuresScreen() {
  const { product, erasure } = route.useSearch();
  const me = useQuery(meQuery);
  return (
    <Page>
      <div className="mb-5">
        <PageTitle title="Erasures" />
        <p className="text-ink-soft">
          A person asks to be forgotten: their rows leave a product and everything derived from it, present
          and past.
        </p>
      </div>
      {me.data && (
        <div className="space-y-8">
          {erasure !== undefined && <ErasureReport key={erasure} id={erasure} />}
          {erasure === undefined && <Start me={me.data} product={product} />}
          <Earlier />
        </div>
      )}
    </Page>
  );
}

function Start({ me, product }: { me: Me; product: string | undefined }) {
  const erases = me.domains.some(({ role }) => role === 'owner' || role === 'steward');
  if (!erases && product === undefined) {
    return (
      <Empty title="You erase data subjects of no domain">
        Owners and stewards of a domain do. Send the request to those of the domain that has the data.
      </Empty>
    );
  }
  return <ErasureForm me={me} product={product} />;
}

function Earlier() {
  const erasures = useQuery(erasuresQuery);
  return (
    <Section title="Earlier ones">
      {erasures.isPending && <Loading label="Reading the erasures" />}
      {erasures.isError && <ErrorNotice error={erasures.error} retry={() => void erasures.refetch()} />}
      {erasures.data?.length === 0 && (
        <p className="text-sm text-ink-soft">None yet. A dry run is listed here too, and changes nothing.</p>
      )}
      {erasures.data && erasures.data.length > 0 && (
        <DataTable stacks caption="Erasures" columns={columns} rows={erasures.data} rowKey={({ id }) => id} />
      )}
    </Section>
  );
}

const columns: TableColumn<Erasure>[] = [
  {
    id: 'target',
    header: 'From',
    sort: ({ target }) => target,
    cell: ({ id, target, subject }) => (
      <>
        <Link
          to="/erasures"
          search={{ erasure: id }}
          className="font-mono font-medium break-all hover:text-accent hover:underline"
        >
          {target}
        </Link>
        <span className="block text-xs text-ink-faint">{subject}</span>
      </>
    ),
  },
  {
    id: 'state',
    header: 'State',
    sort: ({ state }) => state,
    cell: (erasure) => <ErasureState erasure={erasure} />,
  },
  { id: 'reason', header: 'Why', className: 'min-w-40 break-words', cell: ({ reason }) => reason },
  {
    id: 'requested',
    header: 'Asked',
    sort: ({ requestedAt }) => requestedAt,
    cell: ({ requestedAt, requestedBy }) => (
      <>
        <Ago at={requestedAt} />
        <span className="block text-xs text-ink-faint">{requestedBy}</span>
      </>
    ),
  },
];

function ErasureState({ erasure: { state, dryRun, complete, lifted } }: { erasure: Erasure }) {
  return (
    <span className="flex flex-wrap gap-1.5">
      {dryRun && <Badge>dry run</Badge>}
      {!(dryRun && state === 'planned') && <StateBadge state={state} />}
      {state === 'done' && (
        <Badge tone={complete ? 'good' : 'warn'}>{complete ? 'nothing remains' : 'something remains'}</Badge>
      )}
      {lifted && <Badge>lifted</Badge>}
    </span>
  );
}
