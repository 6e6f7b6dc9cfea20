import { useQuery } from '@tanstack/react-query';
import { requestQuery } from '../queries.ts';

/** Whose decision a request waits for; that nobody is named is said too, for it would wait for ever. */
export function WhoDecides({ id }: { id: string }) {
  const details = useQuery(requestQuery(id));
  if (!details.data) return null;
  const { deciders } = details.data;
  return (
    <p className="text-xs text-ink-faint">
      {deciders.length === 0
        ? 'Held: the mesh names nobody who approves personal data. Ask its administrators.'
        : `Decided by ${deciders.join(' or ')}`}
    </p>
  );
}
