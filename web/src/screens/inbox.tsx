import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { CheckCheck } from 'lucide-react';
import { readAllEntries, readEntries } from '../api.ts';
import type { InboxEntry } from '../notification-types.ts';
import { cache } from '../cache.ts';
import { Button, buttonStyle } from '../parts/button.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { inboxQuery, unreadQuery } from '../queries.ts';
import { InboxItem } from './inbox-item.tsx';
import { InboxKinds } from './inbox-kinds.tsx';

const route = getRouteApi('/inbox');

/** After entries were read: the list and the bell are asked for again. */
const forgetInbox = () => cache.invalidateQueries({ queryKey: ['inbox'] });

/** What I was told, newest first, each with the way to what it is about. */
export function InboxScreen() {
  const { unread = false } = route.useSearch();
  const navigate = route.useNavigate();
  const inbox = useInfiniteQuery(inboxQuery(unread ? 'unread' : 'all'));
  const entries = inbox.data?.pages.flatMap((page) => page.entries) ?? [];
  const newest = entries[0]?.id;
  return (
    <Page className="max-w-4xl">
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <PageTitle title="Inbox" />
          <p className="text-ink-soft">What happened to the products you offer and read.</p>
        </div>
        <div className="flex items-center gap-4">
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={unread}
              onChange={(event) =>
                void navigate({ search: { unread: event.target.checked ? true : undefined }, replace: true })
              }
            />
            Only unread
          </label>
          <ReadAll newest={newest} />
        </div>
      </div>
      {inbox.isPending && <Loading label="Reading the inbox" />}
      {inbox.isError && <ErrorNotice error={inbox.error} retry={() => void inbox.refetch()} />}
      {inbox.data && entries.length === 0 && <Nothing unread={unread} />}
      {entries.length > 0 && <Entries entries={entries} />}
      {inbox.hasNextPage && (
        <Button className="mt-3" busy={inbox.isFetchingNextPage} onClick={() => void inbox.fetchNextPage()}>
          Show older ones
        </Button>
      )}
      <InboxKinds />
    </Page>
  );
}

/** Everything up to the newest entry on the screen: what came since stays unread. */
function ReadAll({ newest }: { newest: string | undefined }) {
  const { data } = useQuery(unreadQuery);
  const readAll = useMutation({ mutationFn: readAllEntries, onSuccess: forgetInbox });
  return (
    <Button
      disabled={newest === undefined || data?.unread === 0}
      busy={readAll.isPending}
      onClick={() => newest !== undefined && readAll.mutate(newest)}
    >
      <CheckCheck aria-hidden="true" /> Mark all as read
    </Button>
  );
}

function Entries({ entries }: { entries: InboxEntry[] }) {
  const read = useMutation({ mutationFn: (id: string) => readEntries([id]), onSuccess: forgetInbox });
  return (
    <>
      {read.isError && <ErrorNotice error={read.error} className="mb-3" />}
      <ul aria-label="Entries" className="divide-y divide-line rounded-lg border border-line bg-surface">
        {entries.map((entry) => (
          <InboxItem key={entry.id} entry={entry} onRead={() => !entry.read && read.mutate(entry.id)} />
        ))}
      </ul>
    </>
  );
}

function Nothing({ unread }: { unread: boolean }) {
  if (unread) return <Empty title="You have read everything">New entries appear here by themselves.</Empty>;
  return (
    <Empty
      title="Nothing has happened yet"
      action={
        <Link to="/" className={buttonStyle({ look: 'plain' })}>
          Open the catalog
        </Link>
      }
    >
      Releases, failed runs, incidents, versions and subscriptions of your domains are told here. Subscribe to
      a product to hear of its releases.
    </Empty>
  );
}
