import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ceilingFor, heldBy } from '../delegations.ts';
import { formatDay, lastDay } from '../format.ts';
import { Narrowing } from '../parts/narrowing.tsx';
import { delegationsQuery, meQuery } from '../queries.ts';
import type { Delegation, Subscription } from '../subscription-types.ts';

/** Under which I may decide now about requests for products of other domains. */
export function useHeldDelegations(enabled = true): Delegation[] {
  const me = useQuery(meQuery);
  const delegations = useQuery({ ...delegationsQuery(null), enabled });
  return me.data && delegations.data ? heldBy(me.data, delegations.data) : [];
}

/** What bounds my decision about this request; undefined where nothing does. */
export const useCeiling = (request: Subscription): Delegation | undefined =>
  ceilingFor(request, useHeldDelegations());

/** The most that a delegation lets its holder give. */
export function CeilingOf({ delegation }: { delegation: Delegation }) {
  const { rowFilter, columns, tags, masks, until } = delegation;
  const isAll = rowFilter === null && columns === null && tags === null && Object.keys(masks).length === 0;
  return (
    <>
      {isAll && <p className="text-xs text-ink-faint">all columns and rows</p>}
      <Narrowing grant={delegation} />
      {columns && <p className="font-mono text-xs break-words text-ink-faint">{columns.join(', ')}</p>}
      {until && <p className="text-xs text-ink-faint">until {formatDay(lastDay(until))}</p>}
    </>
  );
}

/** Beside a request: whoever decides under a delegation cannot give more than it. */
export function Ceiling({ delegation }: { delegation: Delegation }) {
  return (
    <div className="border-b border-line p-4 text-sm">
      <p>
        You decide in the place of the producer: {delegation.delegatedBy} lets you give at most this. Whatever
        you approve is narrowed to it.
      </p>
      <CeilingOf delegation={delegation} />
    </div>
  );
}

/** What I may decide about beside my own products; nothing where I hold no delegation. */
export function HeldDelegations() {
  const held = useHeldDelegations();
  if (held.length === 0) return null;
  return (
    <details className="mb-5 rounded-lg border border-line bg-surface px-4 py-2.5">
      <summary className="cursor-pointer font-medium">
        Products of others that you may decide about ({held.length})
      </summary>
      <ul aria-label="Delegations that you hold" className="mt-2 divide-y divide-line">
        {held.map((delegation) => (
          <HeldItem key={delegation.id} delegation={delegation} />
        ))}
      </ul>
    </details>
  );
}

function HeldItem({ delegation }: { delegation: Delegation }) {
  const [domain = '', product = ''] = delegation.product.split('.');
  return (
    <li className="py-2 text-sm">
      <Link
        to="/products/$domain/$product"
        params={{ domain, product }}
        className="font-mono font-medium hover:text-accent hover:underline"
      >
        {delegation.product}
      </Link>
      <span className="text-ink-faint">
        {' '}
        given by {delegation.delegatedBy}
        {delegation.to.kind === 'domain' && ` to ${delegation.to.name}`}
      </span>
      <CeilingOf delegation={delegation} />
    </li>
  );
}
