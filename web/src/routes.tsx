import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { Access, HitKind } from './api-types.ts';
import type { AuditFilter } from './audit-types.ts';
import { cache } from './cache.ts';
import { Broken, NotFound } from './parts/fallback.tsx';
import type { CatalogSearch } from './catalog-match.ts';
import { productQuery, productsQuery, runQuery, toDecideQuery } from './queries.ts';
import { CatalogScreen } from './screens/catalog.tsx';
import { Shell } from './screens/shell.tsx';

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const oneOf =
  <T extends string>(...values: T[]) =>
  (value: unknown): T | undefined =>
    values.find((known) => known === value);

const accessOf = oneOf<Access>('own', 'active', 'forbidden', 'requested', 'expired', 'none');
const kindOf = oneOf<HitKind>('domain', 'product', 'dataset', 'column');

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken });

const catalogRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: (search): CatalogSearch => ({
    q: text(search.q),
    domain: text(search.domain),
    access: accessOf(search.access),
    tag: text(search.tag),
    kind: kindOf(search.kind),
  }),
  loader: () => void cache.prefetchQuery(productsQuery),
  component: CatalogScreen,
});

const productRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/products/$domain/$product',
  validateSearch: (search): { tab?: string | undefined; dataset?: string | undefined } => ({
    tab: text(search.tab),
    dataset: text(search.dataset),
  }),
  loader: ({ params }) => void cache.prefetchQuery(productQuery(params.domain, params.product)),
  component: lazyRouteComponent(() => import('./screens/product.tsx'), 'ProductScreen'),
});

const queryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/query',
  validateSearch: (search): { from?: string | undefined } => ({ from: text(search.from) }),
  component: lazyRouteComponent(() => import('./screens/query.tsx'), 'QueryScreen'),
});

const accessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/access',
  component: lazyRouteComponent(() => import('./screens/my-access.tsx'), 'MyAccessScreen'),
});

const basketRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/basket',
  component: lazyRouteComponent(() => import('./screens/basket.tsx'), 'BasketScreen'),
});

const queueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/queue',
  validateSearch: (search): { request?: string | undefined } => ({ request: text(search.request) }),
  loader: () => void cache.prefetchQuery(toDecideQuery),
  component: lazyRouteComponent(() => import('./screens/queue.tsx'), 'QueueScreen'),
});

const incidentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/incidents',
  validateSearch: (search): { all?: true | undefined } => ({ all: search.all === true ? true : undefined }),
  component: lazyRouteComponent(() => import('./screens/incidents.tsx'), 'IncidentsScreen'),
});

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$run',
  loader: ({ params }) => void cache.prefetchQuery(runQuery(params.run)),
  component: lazyRouteComponent(() => import('./screens/run.tsx'), 'RunScreen'),
});

const inboxRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/inbox',
  validateSearch: (search): { unread?: true | undefined } => ({
    unread: search.unread === true ? true : undefined,
  }),
  component: lazyRouteComponent(() => import('./screens/inbox.tsx'), 'InboxScreen'),
});

const webhooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/webhooks',
  validateSearch: (search): { domain?: string | undefined } => ({ domain: text(search.domain) }),
  component: lazyRouteComponent(() => import('./screens/webhooks.tsx'), 'WebhooksScreen'),
});

const erasuresRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/erasures',
  validateSearch: (search): { product?: string | undefined; erasure?: string | undefined } => ({
    product: text(search.product),
    erasure: text(search.erasure),
  }),
  component: lazyRouteComponent(() => import('./screens/erasures.tsx'), 'ErasuresScreen'),
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  validateSearch: (search): AuditFilter => ({
    person: text(search.person),
    action: text(search.action),
    since: text(search.since),
    until: text(search.until),
  }),
  component: lazyRouteComponent(() => import('./screens/audit.tsx'), 'AuditScreen'),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./screens/account.tsx'), 'AccountScreen'),
});

const deviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/oauth/device',
  validateSearch: (search): { user_code?: string | undefined } => ({ user_code: text(search.user_code) }),
  component: lazyRouteComponent(() => import('./screens/device.tsx'), 'DeviceScreen'),
});

const consentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/oauth/consent/$uid',
  component: lazyRouteComponent(() => import('./screens/consent.tsx'), 'ConsentScreen'),
});

// The shell shows what a one-time link opens, whoever is signed in; the routes say that there is such an address.
const enterRoute = createRoute({ getParentRoute: () => rootRoute, path: '/enter' });
const welcomeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/welcome' });

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    catalogRoute,
    productRoute,
    queryRoute,
    accessRoute,
    basketRoute,
    queueRoute,
    incidentsRoute,
    auditRoute,
    inboxRoute,
    runRoute,
    webhooksRoute,
    erasuresRoute,
    accountRoute,
    deviceRoute,
    consentRoute,
    enterRoute,
    welcomeRoute,
  ]),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
