import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Select } from '../parts/field.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { meQuery, webhooksQuery } from '../queries.ts';
import { WebhookForm } from './webhook-form.tsx';
import { WebhookItem } from './webhook-item.tsx';

const route = getRouteApi('/webhooks');

/** The endpoints that events of a domain are sent to, for those who keep them. */
export function WebhooksScreen() {
  const me = useQuery(meQuery);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const kept = (me.data?.domains ?? []).filter(({ role }) => role !== 'analyst');
  const domain = kept.find(({ name }) => name === search.domain)?.name ?? kept[0]?.name;
  return (
    <Page className="max-w-4xl">
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <PageTitle title="Webhooks" />
          <p className="text-ink-soft">Addresses that the events of your domain are sent to, signed.</p>
        </div>
        {kept.length > 1 && (
          <label className="flex items-center gap-2">
            Domain
            <Select
              className="w-auto"
              value={domain}
              onChange={({ target }) => void navigate({ search: { domain: target.value }, replace: true })}
            >
              {kept.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </Select>
          </label>
        )}
      </div>
      {domain === undefined ? (
        <Empty title="You keep the endpoints of no domain">
          Owners, stewards and engineers of a domain send its events to other systems from here.
        </Empty>
      ) : (
        <DomainWebhooks key={domain} domain={domain} />
      )}
    </Page>
  );
}

function DomainWebhooks({ domain }: { domain: string }) {
  const webhooks = useQuery(webhooksQuery(domain));
  const [adding, setAdding] = useState(false);
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden="true" /> Add an endpoint
    </Button>
  );
  return (
    <>
      {webhooks.isPending && <Loading label="Reading the endpoints" />}
      {webhooks.isError && <ErrorNotice error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data?.length === 0 && (
        <Empty title="Nothing is sent anywhere yet" action={add}>
          Add the address of a system that should hear of releases, failures, incidents and versions.
        </Empty>
      )}
      {webhooks.data !== undefined && webhooks.data.length > 0 && (
        <>
          <ul
            aria-label={`Endpoints of ${domain}`}
            className="mb-4 divide-y divide-line rounded-lg border border-line bg-surface"
          >
            {webhooks.data.map((webhook) => (
              <WebhookItem key={webhook.id} webhook={webhook} />
            ))}
          </ul>
          {add}
        </>
      )}
      {adding && <WebhookForm domain={domain} onClose={() => setAdding(false)} />}
    </>
  );
}
