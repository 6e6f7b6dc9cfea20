import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import * as api from './api.ts';
import type { AuditFilter } from './audit-types.ts';
import { isGoingOn } from './erasures.ts';
import type { ReadersInput } from './reader-paths.ts';
import { isOpen } from './run-types.ts';
import type { AccessProof } from './api-types.ts';

/** What the screens read, with one cache key for each; a change invalidates by the first word of the key. */

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: api.readMe, staleTime: 60_000 });

export const demoPeopleQuery = queryOptions({
  queryKey: ['demo-people'],
  queryFn: api.readDemoPeople,
  staleTime: Infinity,
});

export const companyQuery = queryOptions({
  queryKey: ['company'],
  queryFn: api.readCompany,
  staleTime: Infinity,
});

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: api.listSessions,
  select: (answer) => answer.sessions,
});

export const domainsQuery = queryOptions({
  queryKey: ['domains'],
  queryFn: api.listDomains,
  select: (answer) => answer.domains,
  staleTime: 60_000,
});

export const productsQuery = queryOptions({
  queryKey: ['products'],
  queryFn: api.listProducts,
});

export const searchQuery = (input: Omit<api.SearchInput, 'cursor'>) =>
  infiniteQueryOptions({
    queryKey: ['search', input],
    queryFn: ({ pageParam, signal }) => api.searchCatalog({ ...input, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: input.text !== '',
    placeholderData: (previous) => previous,
  });

/** An end is proven within moments: looked for until it is. */
const untilProven = (all: { state: string; proof: AccessProof | null }[] = []) =>
  all.some(({ state, proof }) => state !== 'active' && proof?.state === 'pending') ? 5_000 : false;

export const productQuery = (domain: string, product: string) =>
  queryOptions({
    queryKey: ['product', domain, product],
    queryFn: () => api.readProduct(domain, product),
    refetchInterval: ({ state }) => untilProven(state.data?.subscriptions),
  });

export const runsQuery = (domain: string, product: string) =>
  queryOptions({
    queryKey: ['runs', domain, product],
    queryFn: () => api.listRuns(domain, product),
    select: (answer) => answer.runs,
    // A run in progress is watched; finished ones are not asked for again.
    refetchInterval: (query) => (query.state.data?.runs.some(isOpen) ? 1_500 : false),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id],
    queryFn: () => api.readRun(id),
    // Its steps may still run when it has ended.
    refetchInterval: (query) => (query.state.data && isOpen(query.state.data.group) ? 1_500 : false),
  });

export const contractVersionsQuery = (domain: string, product: string, dataset: string) =>
  queryOptions({
    queryKey: ['product', domain, product, 'contracts', dataset],
    queryFn: () => api.listContractVersions(domain, product, dataset),
  });

export const lineageQuery = (node: string, depth: number) =>
  queryOptions({
    queryKey: ['lineage', node, depth],
    queryFn: () => api.readLineage(node, depth),
    placeholderData: (previous) => previous,
  });

export const requestFormQuery = (products: string[]) =>
  queryOptions({
    queryKey: ['request-form', ...products],
    queryFn: () => api.readRequestForm(products),
    placeholderData: (previous) => previous,
  });

export const elevationsQuery = (domain: string, product: string) =>
  queryOptions({
    queryKey: ['product', domain, product, 'elevations'],
    queryFn: () => api.listElevations(domain, product),
    select: (answer) => answer.elevations,
  });

export const delegationsQuery = (product: string | null) =>
  queryOptions({
    queryKey: ['delegations', product],
    queryFn: () => api.listDelegations(product),
    select: (answer) => answer.delegations,
  });

export const erasuresQuery = queryOptions({
  queryKey: ['erasures'],
  queryFn: api.listErasures,
  select: (answer) => answer.erasures,
  refetchInterval: ({ state }) => (state.data?.erasures.some(isGoingOn) ? 3_000 : false),
});

export const erasureQuery = (id: string) =>
  queryOptions({
    queryKey: ['erasures', id],
    queryFn: () => api.readErasure(id),
    refetchInterval: (query) => (query.state.data && isGoingOn(query.state.data) ? 1_000 : false),
  });

export const requestQuery = (id: string) =>
  queryOptions({ queryKey: ['requests', id], queryFn: () => api.readRequest(id) });

export const toDecideQuery = queryOptions({
  queryKey: ['requests', 'to-decide'],
  queryFn: () => api.listRequestsToDecide(),
  select: (answer) => answer.requests,
  refetchInterval: 30_000,
});

export const subscriptionsQuery = queryOptions({
  queryKey: ['subscriptions'],
  queryFn: api.listSubscriptions,
  refetchInterval: ({ state }) => untilProven(state.data?.subscriptions),
  select: (answer) => answer.subscriptions,
});

export const incidentsQuery = (all: boolean) =>
  queryOptions({
    queryKey: ['incidents', all],
    queryFn: () => api.listIncidents(all),
    select: (answer) => answer.incidents,
    refetchInterval: 30_000,
  });

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) => api.listAudit(filter, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });

export const readersQuery = (input: ReadersInput) =>
  infiniteQueryOptions({
    queryKey: ['readers', input],
    queryFn: ({ pageParam }) => api.listReaders(input, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const observationsQuery = (domain: string, product: string) =>
  queryOptions({
    queryKey: ['observations', domain, product],
    queryFn: () => api.listObservations(domain, product),
    select: (answer) => answer.datasets,
  });

export const unreadQuery = queryOptions({
  queryKey: ['inbox', 'unread'],
  queryFn: api.countInbox,
  refetchInterval: 30_000,
});

export const inboxQuery = (show: 'all' | 'unread') =>
  infiniteQueryOptions({
    queryKey: ['inbox', 'entries', show],
    queryFn: ({ pageParam }) => api.listInbox({ show, before: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const inboxKindsQuery = queryOptions({
  queryKey: ['inbox-kinds'],
  queryFn: api.listInboxKinds,
  select: (answer) => answer.kinds,
});

export const webhooksQuery = (domain: string) =>
  queryOptions({
    queryKey: ['webhooks', domain],
    queryFn: () => api.listWebhooks(domain),
    select: (answer) => answer.webhooks,
  });

export const webhookDeliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', 'deliveries', id],
    queryFn: () => api.listWebhookDeliveries(id),
    select: (answer) => answer.deliveries,
  });
