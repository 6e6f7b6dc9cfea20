import type { AuditEntry, AuditFilter } from './audit-types.ts';
import type {
  ContractVersion,
  DemoPerson,
  Domain,
  HitKind,
  Incident,
  LineageGraph,
  Me,
  Observations,
  Product,
  ProductRow,
  QueryInput,
  QueryResult,
  SearchPage,
} from './api-types.ts';
import type {
  InboxKind,
  InboxPage,
  NewWebhook,
  Webhook,
  WebhookDelivery,
  WebhookTest,
} from './notification-types.ts';
import type { Erasure, NewErasure } from './erasures.ts';
import type { Asking, BrowserSession, Company } from './identity-types.ts';
import type {
  Approval,
  Delegation,
  Elevation,
  RequestDetails,
  RequestForm,
  RequestInput,
  Subscription,
} from './subscription-types.ts';
import type { ReadersInput, ReadersPage } from './reader-paths.ts';
import type { Run, RunDetails } from './run-types.ts';

/** One thing wrong with what was sent: `place` is line:column, `pointer` a JSON pointer into the body. */
export interface ApiProblem {
  message: string;
  place?: string;
  pointer?: string;
}

interface ProblemDocument {
  title?: string;
  code?: string;
  detail?: string;
  fix?: string;
  facts?: Record<string, unknown>;
  problems?: ApiProblem[];
  requestId?: string;
}

/** A refusal of the API (RFC 9457), or the lack of any answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string;
  readonly facts: Record<string, unknown>;
  readonly problems: ApiProblem[];
  readonly requestId: string | undefined;

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `the server answered ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = document.code ?? `http.${status}`;
    this.fix = document.fix ?? '';
    this.facts = document.facts ?? {};
    this.problems = document.problems ?? [];
    this.requestId = document.requestId;
  }
}

interface RequestOptions {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
}

async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const response = await fetch(path.startsWith('/oauth/') ? path : `/api/v1${path}`, {
    method: options.method ?? 'GET',
    credentials: 'same-origin',
    headers: options.body === undefined ? {} : { 'content-type': 'application/json' },
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal ?? null,
  }).catch((error: unknown) => {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, {
      code: 'network',
      detail: 'the server did not answer',
      fix: 'Check that you are online and that the server runs, then try again.',
    });
  });
  if (!response.ok) throw await readProblem(response);
  return response;
}

async function readProblem(response: Response): Promise<ApiError> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) {
    return new ApiError(response.status, {
      detail: `the server answered ${response.status} without a reason`,
      fix: 'Try again in a moment.',
    });
  }
  return new ApiError(response.status, (await response.json()) as ProblemDocument);
}

async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, signal ? { signal } : {});
  return (await response.json()) as T;
}

async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { method: 'POST', body, ...(signal && { signal }) });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

function withQuery(path: string, values: Record<string, string | number | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

const productPath = (domain: string, product: string) =>
  `/products/${encodeURIComponent(domain)}/${encodeURIComponent(product)}`;

/** Who is signed in; null when nobody is. */
export async function readMe(): Promise<Me | null> {
  try {
    return await read<Me>('/me');
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** What somebody signs in with; a code together with a password sets that password. */
export type Proof =
  { token: string } | { email: string; password: string } | { code: string; password?: string };

export const signIn = (proof: Proof) => post<Me>('/session', proof);
export const signOut = () => send('/session', { method: 'DELETE' });
export const enterAs = (email: string) => post<Me>('/demo/session', { email });

export const listSessions = () => read<{ sessions: BrowserSession[] }>('/sessions');
export const endSession = (id: string) => send(`/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
export const setPassword = (body: { password: string; current?: string }) =>
  post<unknown>('/person/password', body);

export const describeDevice = (code: string) => read<Asking>(withQuery('/device', { code }));
export const decideDevice = (decision: { code: string; allow: boolean }) =>
  post<{ allowed: boolean }>('/device', decision);

const consentPath = (uid: string) => `/oauth/consent/${encodeURIComponent(uid)}`;
export const readConsent = (uid: string) => read<Asking>(`${consentPath(uid)}/request`);
export const decideConsent = ({ uid, allow }: { uid: string; allow: boolean }) =>
  post<{ redirectTo: string }>(`${consentPath(uid)}/decision`, { allow });

/** The company's identity provider; null when people sign in here alone. */
export async function readCompany(): Promise<Company | null> {
  try {
    return await read<Company>('/company');
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** The people of the demo; null when the server is not a demo. */
export async function readDemoPeople(): Promise<DemoPerson[] | null> {
  try {
    return (await read<{ people: DemoPerson[] }>('/demo/people')).people;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export const listDomains = () => read<{ domains: Domain[] }>('/domains');
/** Pages of the catalog read at once; in a larger mesh the rest is found by searching. */
const CATALOG_PAGES = 4;

/** The products that may be discovered; `complete` is false when there are more than were read. */
export async function listProducts(): Promise<{ products: ProductRow[]; complete: boolean }> {
  const products: ProductRow[] = [];
  let after: string | null = null;
  for (let page = 0; page < CATALOG_PAGES; page += 1) {
    const answer: { products: ProductRow[]; next: string | null } = await read(
      withQuery('/products', { after }),
    );
    products.push(...answer.products);
    after = answer.next;
    if (!after) return { products, complete: true };
  }
  return { products, complete: false };
}

export interface SearchInput {
  text: string;
  domain?: string | undefined;
  kind?: HitKind | undefined;
  cursor?: string | null;
}

export const searchCatalog = (input: SearchInput, signal?: AbortSignal) =>
  read<SearchPage>(withQuery('/search', { ...input, limit: 50 }), signal);

export const readProduct = (domain: string, product: string) => read<Product>(productPath(domain, product));
export const listContractVersions = (domain: string, product: string, dataset: string) =>
  read<{ versions: ContractVersion[]; more: boolean }>(
    `${productPath(domain, product)}/datasets/${encodeURIComponent(dataset)}/contracts`,
  );
export const listRuns = (domain: string, product: string) =>
  read<{ runs: Run[] }>(`${productPath(domain, product)}/runs`);
export const runProduct = (domain: string, product: string) =>
  post<{ runs: { id: string; dataset: string }[] }>(`${productPath(domain, product)}/run`, {});
export const readRun = (id: string) => read<RunDetails>(`/runs/${encodeURIComponent(id)}`);
export const resumeRun = (id: string) => post<unknown>(`/runs/${encodeURIComponent(id)}/resume`, {});
export const cancelRun = (id: string) => post<unknown>(`/runs/${encodeURIComponent(id)}/cancel`, {});
export const publishProduct = (domain: string, product: string) =>
  post<unknown>(`${productPath(domain, product)}/publish`, {});

export const listObservations = (domain: string, product: string) =>
  read<{ datasets: Observations[] }>(`${productPath(domain, product)}/observations`);

export const listIncidents = (all: boolean) =>
  read<{ incidents: Incident[]; next: string | null }>(
    withQuery('/incidents', { all: all ? 'true' : null, limit: 200 }),
  );
export const acknowledgeIncident = (id: string, comment: string) =>
  post<unknown>(`/incidents/${encodeURIComponent(id)}/acknowledge`, comment === '' ? {} : { comment });
export const commentIncident = (id: string, comment: string) =>
  post<unknown>(`/incidents/${encodeURIComponent(id)}/comments`, { comment });

export const listInbox = (input: { show: 'all' | 'unread'; before: string | null }) =>
  read<InboxPage>(withQuery('/inbox', input));
export const countInbox = () => read<{ unread: number; more: boolean }>('/inbox/unread');
export const readEntries = (ids: string[]) => post<unknown>('/inbox/read', { ids });
export const readAllEntries = (upTo: string) => post<unknown>('/inbox/read-all', { upTo });
export const listInboxKinds = () => read<{ kinds: InboxKind[] }>('/inbox/preferences');
export const setInboxKind = (kind: { type: string; on: boolean }) =>
  post<{ kinds: InboxKind[] }>('/inbox/preferences', kind);

export const listWebhooks = (domain: string) =>
  read<{ webhooks: Webhook[] }>(`/domains/${encodeURIComponent(domain)}/webhooks`);
/** The secret is in this answer and in no other. */
export const createWebhook = (domain: string, webhook: NewWebhook) =>
  post<Webhook & { secret: string }>(`/domains/${encodeURIComponent(domain)}/webhooks`, webhook);
const webhookPath = (id: string) => `/webhooks/${encodeURIComponent(id)}`;
export const testWebhook = (id: string) => post<WebhookTest>(`${webhookPath(id)}/test`, {});
export const pauseWebhook = (id: string) => post<Webhook>(`${webhookPath(id)}/pause`, {});
export const enableWebhook = (id: string) => post<Webhook>(`${webhookPath(id)}/enable`, {});
export const deleteWebhook = (id: string) => send(webhookPath(id), { method: 'DELETE' });
export const listWebhookDeliveries = (id: string) =>
  read<{ deliveries: WebhookDelivery[] }>(`${webhookPath(id)}/deliveries?limit=10`);

export const listRequestsToDecide = () =>
  read<{ requests: Subscription[] }>('/requests?box=to-decide&state=requested');
export const readRequestForm = (products: string[]) =>
  read<RequestForm>(withQuery('/request-form', { products: products.join(',') }));
export const requestAccess = (input: RequestInput & { product: string }) => post<unknown>('/requests', input);
export const requestBasket = (input: RequestInput & { products: string[] }) =>
  post<unknown>('/baskets', input);
export const readRequest = (id: string) => read<RequestDetails>(`/requests/${encodeURIComponent(id)}`);
export const approveRequest = (id: string, approval: Approval) =>
  post<Subscription>(`/requests/${encodeURIComponent(id)}/approve`, approval);
export const rejectRequest = (id: string, reason: string) =>
  post<unknown>(`/requests/${encodeURIComponent(id)}/reject`, { reason });

export const withdrawRequest = (id: string) =>
  post<unknown>(`/requests/${encodeURIComponent(id)}/withdraw`, {});

/** Those of one product, or all that I hold or decide about. */
export const listDelegations = (product: string | null) =>
  read<{ delegations: Delegation[] }>(withQuery('/delegations', { product }));
export const giveDelegation = (input: Approval & { product: string; to: string }) =>
  post<Delegation>('/delegations', input);
export const revokeDelegation = (id: string, input: { reason: string; keep: boolean }) =>
  post<Delegation>(`/delegations/${encodeURIComponent(id)}/revoke`, input);

export const listAudit = (filter: AuditFilter, before: number | null) =>
  read<{ entries: AuditEntry[]; next: number | null }>(withQuery('/audit', { ...filter, before, limit: 50 }));

export const listReaders = (input: ReadersInput, after: string | null) =>
  read<ReadersPage>(withQuery('/readers', { ...input, after, limit: 50 }));

export const listErasures = () => read<{ erasures: Erasure[] }>('/erasures');
const erasurePath = (id: string) => `/erasures/${encodeURIComponent(id)}`;
export const readErasure = (id: string) => read<Erasure>(erasurePath(id));
export const startErasure = (input: NewErasure) => post<Erasure>('/erasures', input);
export const cancelErasure = (id: string) => post<unknown>(`${erasurePath(id)}/cancel`, {});

export const elevate = (
  { domain, name }: { domain: string; name: string },
  input: { reason: string; minutes: number },
) => post<unknown>(`/products/${encodeURIComponent(domain)}/${encodeURIComponent(name)}/elevate`, input);
export const endElevation = (id: string) => post<unknown>(`/elevations/${encodeURIComponent(id)}/end`, {});
export const listElevations = (domain: string, product: string) =>
  read<{ elevations: Elevation[] }>(
    `/products/${encodeURIComponent(domain)}/${encodeURIComponent(product)}/elevations`,
  );

export const renewSubscription = (id: string, input: { until: string; note?: string }) =>
  post<unknown>(`/subscriptions/${encodeURIComponent(id)}/renew`, input);
export const approveRenewal = (id: string, input: { until?: string }) =>
  post<unknown>(`/renewals/${encodeURIComponent(id)}/approve`, input);
export const rejectRenewal = (id: string, reason: string) =>
  post<unknown>(`/renewals/${encodeURIComponent(id)}/reject`, { reason });
export const withdrawRenewal = (id: string) =>
  post<unknown>(`/renewals/${encodeURIComponent(id)}/withdraw`, {});

export const listSubscriptions = () => read<{ subscriptions: Subscription[] }>('/subscriptions');
export const revokeSubscription = (id: string, reason: string) =>
  post<unknown>(`/subscriptions/${encodeURIComponent(id)}/revoke`, { reason });

/** Runs SQL and gives its first rows; aborting the signal cancels the query on the server. */
export const runQuery = (input: QueryInput, signal: AbortSignal) =>
  post<QueryResult>('/query', { ...input, format: 'rows' }, signal);

/** Runs SQL again without a row limit and gives the whole answer as one file. */
export async function downloadQuery(
  input: QueryInput & { format: 'csv' | 'parquet' },
  signal: AbortSignal,
): Promise<Blob> {
  return (await send('/query', { method: 'POST', body: input, signal })).blob();
}

/** More nodes than a picture can be read with. */
const DRAWN_NODES = 150;

export const readLineage = (node: string, depth: number) =>
  read<LineageGraph>(withQuery('/lineage/graph', { node, depth, limit: DRAWN_NODES }));
