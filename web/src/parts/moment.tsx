import { formatAgo, formatMoment } from '../format.ts';
import { useNow } from './use-now.ts';

/** `3 hours ago`, with the exact time on hover and for machines. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={formatMoment(at)} className="whitespace-nowrap">
      {formatAgo(at, now)}
    </time>
  );
}
