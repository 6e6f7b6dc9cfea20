import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ApiError } from '../api.ts';
import type { Product } from '../api-types.ts';
import { StatusBadge, Tags } from '../parts/badge.tsx';
import { buttonStyle } from '../parts/button.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { Prose } from '../parts/prose.tsx';
import { type Tab, Tabs } from '../parts/tabs.tsx';
import { productQuery } from '../queries.ts';
import { AccessBox } from './access-box.tsx';
import { IncidentNotices } from './incident-notices.tsx';
import { ProductConsumers } from './product-consumers.tsx';
import { ProductContract } from './product-contract.tsx';
import { ProductData } from './product-data.tsx';
import { ProductLineage } from './product-lineage.tsx';
import { ProductQuality } from './product-quality.tsx';
import { ProductRail } from './product-rail.tsx';
import { ProductVersions } from './product-versions.tsx';
import { PublishNotice } from './publish-notice.tsx';
import { ProductRuns } from './product-runs.tsx';
import { VersionNotice } from './version-notice.tsx';

const route = getRouteApi('/products/$domain/$product');

export function ProductScreen() {
  const { domain, product: name } = route.useParams();
  const product = useQuery(productQuery(domain, name));
  return (
    <Page>
      <nav aria-label="Breadcrumb" className="mb-2 text-sm text-ink-faint">
        <ol className="flex gap-1.5">
          <li>
            <Link to="/" className="hover:text-ink hover:underline">
              Catalog
            </Link>
          </li>
          <li aria-hidden="true">/</li>
          <li>
            <Link to="/" search={{ domain }} className="hover:text-ink hover:underline">
              {product.data?.owner.title ?? domain}
            </Link>
          </li>
        </ol>
      </nav>
      {product.isPending && <Loading label="Reading the product" lines={8} />}
      {product.isError && <Unavailable error={product.error} retry={() => void product.refetch()} />}
      {product.data && <ProductPage product={product.data} />}
    </Page>
  );
}

function Unavailable({ error, retry }: { error: unknown; retry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 404) {
    return (
      <>
        <PageTitle title="Product" className="sr-only" />
        <ErrorNotice error={error} retry={retry} />
      </>
    );
  }
  return (
    <>
      <PageTitle title="Product not found" className="sr-only" />
      <Empty
        title="There is no such product, or you may not discover it"
        action={
          <Link to="/" className={buttonStyle({ look: 'plain' })}>
            Search the catalog
          </Link>
        }
      >
        Check the name. If somebody gave you this link, ask them which of your domains it is open to.
      </Empty>
    </>
  );
}

function ProductPage({ product }: { product: Product }) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className="gap-x-8 lg:grid lg:grid-cols-[minmax(0,1fr)_17.5rem] lg:grid-rows-[auto_1fr]">
      <header className="mb-5 space-y-2">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <PageTitle title={product.title} />
          <span className="font-mono text-sm text-ink-faint">v{product.version}</span>
          <StatusBadge status={product.status} />
        </div>
        {product.description && <Prose text={product.description} />}
        <Tags tags={product.tags} limit={12} />
        <VersionNotice product={product} />
        <PublishNotice product={product} />
        <IncidentNotices incidents={product.incidents} />
      </header>
      <div className="mb-6 lg:col-start-2 lg:row-span-2 lg:row-start-1 lg:mb-0">
        <div className="space-y-6 lg:sticky lg:top-19">
          <AccessBox product={product} />
          <div className="hidden lg:block">
            <ProductRail product={product} />
          </div>
        </div>
      </div>
      <div className="min-w-0">
        <Tabs
          label="Parts of this product"
          tabs={tabsOf(product)}
          value={tab ?? 'data'}
          onChange={(id) =>
            void navigate({
              search: (before) => ({ ...before, tab: id === 'data' ? undefined : id }),
              replace: true,
              resetScroll: false,
            })
          }
        />
        <div className="mt-10 border-t border-line pt-6 lg:hidden">
          <ProductRail product={product} />
        </div>
      </div>
    </div>
  );
}

function tabsOf(product: Product): Tab[] {
  const runsShown = product.may.run || product.may.publish;
  return [
    { id: 'data', label: 'Data', content: <ProductData product={product} /> },
    { id: 'quality', label: 'Quality', content: <ProductQuality product={product} /> },
    { id: 'contract', label: 'Contract', content: <ProductContract product={product} /> },
    { id: 'lineage', label: 'Lineage', content: <ProductLineage product={product} /> },
    { id: 'versions', label: 'Versions', content: <ProductVersions product={product} /> },
    ...(product.subscriptions || product.may.audit
      ? [
          {
            id: 'consumers',
            label: 'Consumers',
            count: product.subscriptions?.filter(({ state }) => state === 'active').length,
            content: <ProductConsumers product={product} subscriptions={product.subscriptions} />,
          },
        ]
      : []),
    ...(runsShown ? [{ id: 'runs', label: 'Runs', content: <ProductRuns product={product} /> }] : []),
  ];
}
