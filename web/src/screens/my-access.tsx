import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { revokeSubscription, withdrawRenewal, withdrawRequest } from '../api.ts';
import type { Me } from '../api-types.ts';
import type { Renewal, Subscription } from '../subscription-types.ts';
import { forgetAccess } from '../cache.ts';
import { Badge } from '../parts/badge.tsx';
import { buttonStyle } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle, Section } from '../parts/page.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { meQuery, subscriptionsQuery } from '../queries.ts';
import { RenewDialog } from './renew-dialog.tsx';
import { SentTogether } from './sent-together.tsx';
import { activeColumns, endedColumns, waitingColumns } from './my-access-columns.tsx';

/** What my domains may read, what they wait for, and what has ended. */
export function MyAccessScreen() {
  const subscriptions = useQuery(subscriptionsQuery);
  const me = useQuery(meQuery);
  return (
    <Page>
      <div className="mb-6">
        <PageTitle title="My access" />
        <p className="text-ink-soft">A subscription belongs to a domain; all its members read under it.</p>
      </div>
      {subscriptions.isPending && <Loading label="Reading the subscriptions" />}
      {subscriptions.isError && (
        <ErrorNotice error={subscriptions.error} retry={() => void subscriptions.refetch()} />
      )}
      {subscriptions.data && <Subscriptions subscriptions={subscriptions.data} me={me.data ?? null} />}
    </Page>
  );
}

function Subscriptions({ subscriptions, me }: { subscriptions: Subscription[]; me: Me | null }) {
  const withdraw = useMutation({ mutationFn: withdrawRequest, onSuccess: forgetAccess });
  const takeBack = useMutation({ mutationFn: withdrawRenewal, onSuccess: forgetAccess });
  const [ending, setEnding] = useState<Subscription | null>(null);
  const [renewing, setRenewing] = useState<Subscription | null>(null);
  if (subscriptions.length === 0) return <NothingYet hasDomain={me === null || me.domains.length > 0} />;
  const waiting = subscriptions.filter(({ state }) => state === 'requested');
  const active = subscriptions.filter(({ state }) => state === 'active');
  const ended = subscriptions.filter(({ state }) => state !== 'requested' && state !== 'active');
  const mayGiveUp = new Set(
    me?.domains.filter(({ role }) => role === 'owner' || role === 'steward').map(({ name }) => name),
  );
  const actions = {
    ...{ mayGiveUp, giveUp: setEnding, renew: setRenewing },
    takeBack: ({ id }: Renewal) => takeBack.mutate(id),
  };
  return (
    <div className="space-y-9">
      {withdraw.isError && <ErrorNotice error={withdraw.error} />}
      {takeBack.isError && <ErrorNotice error={takeBack.error} />}
      <Part
        title="Waiting for a decision"
        rows={waiting}
        columns={waitingColumns((id) => withdraw.mutate(id))}
      />
      <SentTogether subscriptions={subscriptions} />
      <Part title="Active" rows={active} columns={activeColumns(actions)} />
      <Part title="Ended" rows={ended} columns={endedColumns} />
      {renewing && <RenewDialog subscription={renewing} onClose={() => setRenewing(null)} />}
      {ending && <GiveUp subscription={ending} onClose={() => setEnding(null)} />}
    </div>
  );
}

function NothingYet({ hasDomain }: { hasDomain: boolean }) {
  if (!hasDomain) {
    return (
      <Empty title="You belong to no domain yet">
        Subscriptions are given to domains. Ask the owner of yours to add you as a member.
      </Empty>
    );
  }
  return (
    <Empty
      title="Your domains have no subscription yet"
      action={
        <Link to="/" className={buttonStyle({ look: 'plain' })}>
          Open the catalog
        </Link>
      }
    >
      Find a product in the catalog and request access with your purpose.
    </Empty>
  );
}

interface PartProps {
  title: string;
  rows: Subscription[];
  columns: typeof endedColumns;
}

function Part({ title, rows, columns }: PartProps) {
  if (rows.length === 0) return null;
  return (
    <Section title={title} aside={<Badge className="mr-auto tabular">{rows.length}</Badge>}>
      <DataTable stacks caption={title} columns={columns} rows={rows} rowKey={({ id }) => id} />
    </Section>
  );
}

function GiveUp({ subscription, onClose }: { subscription: Subscription; onClose: () => void }) {
  return (
    <ReasonDialog
      title={`Give up ${subscription.product.title}`}
      action="Give up access"
      hint="The owner of the product will read it."
      submit={(reason) => revokeSubscription(subscription.id, reason)}
      onDone={() => {
        onClose();
        void forgetAccess();
      }}
      onClose={onClose}
    >
      Nobody in {subscription.domain} can read it for this purpose any more. You may request it again.
    </ReasonDialog>
  );
}
