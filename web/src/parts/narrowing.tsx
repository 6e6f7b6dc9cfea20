import type { Mask } from '../api-types.ts';
import { countOf } from '../format.ts';
import { describeMask } from '../masks.ts';

interface Grant {
  rowFilter: string | null;
  columns: string[] | null;
  tags: Record<string, string[]> | null;
  masks: Record<string, Mask>;
}

/** What an approval left out, one line for each kind; nothing when everything was given. */
export function Narrowing({ grant }: { grant: Grant }) {
  const masks = Object.entries(grant.masks);
  const tags = Object.entries(grant.tags ?? {});
  if (!grant.rowFilter && !grant.columns && tags.length === 0 && masks.length === 0) return null;
  return (
    <ul className="mt-0.5 space-y-0.5 text-xs text-ink-faint">
      {grant.rowFilter && (
        <li>
          rows where <code className="font-mono text-ink-soft">{grant.rowFilter}</code>
        </li>
      )}
      {grant.columns && (
        <li title={grant.columns.join(', ')}>only {countOf(grant.columns.length, 'column')}</li>
      )}
      {tags.length > 0 && (
        <li>
          only columns tagged{' '}
          {tags.map(([key, values], index) => (
            <span key={key}>
              {index > 0 && ' and '}
              <code className="font-mono text-ink-soft">{`${key}:${values.join('|')}`}</code>
            </span>
          ))}
        </li>
      )}
      {masks.map(([column, mask]) => (
        <li key={column}>
          <code className="font-mono text-ink-soft">{column}</code>: {describeMask(mask)}
        </li>
      ))}
    </ul>
  );
}
