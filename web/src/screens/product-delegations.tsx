import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { revokeDelegation } from '../api.ts';
import type { Product } from '../api-types.ts';
import { cache, forgetAccess } from '../cache.ts';
import { countOf } from '../format.ts';
import { Badge, StateBadge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { productSegment } from '../product-address.ts';
import { delegationsQuery } from '../queries.ts';
import type { Delegation } from '../subscription-types.ts';
import { DelegationForm } from './delegation-form.tsx';
import { CeilingOf } from './held-delegations.tsx';

/** Who else may approve requests for the product; nothing where nobody may and the reader can let nobody. */
export function Delegations({ product }: { product: Product }) {
  const address = `${product.domain}.${productSegment(product)}`;
  const delegations = useQuery(delegationsQuery(address));
  const [giving, setGiving] = useState(false);
  const mayGive = product.may.delegate;
  if (!mayGive && delegations.data?.length === 0) return null;
  return (
    <Section
      title="Who else may approve"
      aside={
        mayGive &&
        !giving && (
          <Button size="small" onClick={() => setGiving(true)}>
            <Plus aria-hidden="true" /> Let somebody approve
          </Button>
        )
      }
    >
      {giving && <DelegationForm product={product} address={address} onClose={() => setGiving(false)} />}
      {delegations.isPending && <Loading label="Reading the delegations" lines={1} />}
      {delegations.isError && (
        <ErrorNotice error={delegations.error} retry={() => void delegations.refetch()} />
      )}
      {delegations.data?.length === 0 && !giving && (
        <p className="text-sm text-ink-soft">
          Only the owners and stewards of {product.owner.title}. Let somebody else approve requests, up to
          what you allow them.
        </p>
      )}
      {delegations.data && delegations.data.length > 0 && (
        <DelegationList delegations={delegations.data} mayRevoke={mayGive} />
      )}
    </Section>
  );
}

function DelegationList({ delegations, mayRevoke }: { delegations: Delegation[]; mayRevoke: boolean }) {
  const [revokingId, setRevokingId] = useState<string | null>(null);
  const revoking = delegations.find(({ id }) => id === revokingId);
  const revoke = (id: string) => {
    setRevokingId(id);
    // What was approved under it since the page was read ends too, and is said before.
    void cache.invalidateQueries({ queryKey: ['delegations'] });
  };
  const living = delegations.filter(({ state }) => state === 'active');
  const past = delegations.filter(({ state }) => state !== 'active');
  return (
    <>
      {living.length > 0 && (
        <ul
          aria-label="Delegations"
          className="divide-y divide-line rounded-lg border border-line bg-surface"
        >
          {living.map((one) => (
            <DelegationItem
              key={one.id}
              delegation={one}
              onRevoke={mayRevoke ? () => revoke(one.id) : undefined}
            />
          ))}
        </ul>
      )}
      {past.length > 0 && (
        <details>
          <summary className="cursor-pointer text-sm text-ink-soft">Ended ones ({past.length})</summary>
          <ul
            aria-label="Ended delegations"
            className="mt-2 divide-y divide-line rounded-lg border border-line bg-surface"
          >
            {past.map((one) => (
              <DelegationItem key={one.id} delegation={one} onRevoke={undefined} />
            ))}
          </ul>
        </details>
      )}
      {revoking && <Revoke delegation={revoking} onClose={() => setRevokingId(null)} />}
    </>
  );
}

interface DelegationItemProps {
  delegation: Delegation;
  onRevoke: (() => void) | undefined;
}

const nameOf = ({ to }: Delegation) => to.name ?? 'somebody who has left';

function DelegationItem({ delegation, onRevoke }: DelegationItemProps) {
  const { to, state, approvals, delegatedBy, delegatedAt, endedAt, endedBy, reason } = delegation;
  return (
    <li className="flex flex-wrap items-start justify-between gap-3 px-4 py-3">
      <div className="min-w-0 space-y-0.5">
        <p className="flex flex-wrap items-center gap-1.5">
          <span className="font-medium break-words">{nameOf(delegation)}</span>
          {to.kind !== 'person' && <Badge>{to.kind === 'domain' ? 'domain' : 'service account'}</Badge>}
          {state !== 'active' && <StateBadge state={state} />}
        </p>
        <CeilingOf delegation={delegation} />
        <p className="text-sm text-ink-faint">
          by {delegatedBy}, <Ago at={delegatedAt} />
          {approvals > 0 && `; ${countOf(approvals, 'subscription')} approved under it`}
        </p>
        {endedAt && (
          <p className="text-sm text-ink-faint">
            ended{endedBy && ` by ${endedBy}`}, <Ago at={endedAt} />
            {reason && `: ${reason}`}
          </p>
        )}
      </div>
      {onRevoke && (
        <Button
          look="danger"
          size="small"
          aria-label={`Revoke the delegation of ${nameOf(delegation)}`}
          onClick={onRevoke}
        >
          Revoke
        </Button>
      )}
    </li>
  );
}

function Revoke({ delegation, onClose }: { delegation: Delegation; onClose: () => void }) {
  const [keep, setKeep] = useState(false);
  const { approvals } = delegation;
  const those = countOf(approvals, 'subscription');
  return (
    <ReasonDialog
      title={`Revoke the delegation of ${nameOf(delegation)}`}
      action="Revoke delegation"
      hint="It stands in the audit; whoever loses access by it reads it too."
      submit={(reason) => revokeDelegation(delegation.id, { reason, keep })}
      onDone={() => {
        onClose();
        void forgetAccess();
      }}
      onClose={onClose}
    >
      <p>
        They approve nothing more.{' '}
        {approvals > 0 &&
          (keep
            ? `The ${those} approved under it stay, as your own.`
            : `The ${those} approved under it end now: the very next query is refused.`)}
      </p>
      {approvals > 0 && (
        <label className="mt-2 flex items-center gap-2 text-ink">
          <input
            type="checkbox"
            checked={keep}
            onChange={(event) => setKeep(event.target.checked)}
            className="size-4 accent-accent"
          />
          Keep what was approved under it
        </label>
      )}
    </ReasonDialog>
  );
}
