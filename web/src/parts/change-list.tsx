import type { VersionChange } from '../api-types.ts';
import { Badge, type Tone } from './badge.tsx';
import { Inline } from './prose.tsx';

const TONES: Record<VersionChange['class'], Tone> = {
  breaking: 'bad',
  compatible: 'good',
  cosmetic: 'neutral',
};

/** Differences between two versions, each with what it means for readers. */
export function ChangeList({ changes }: { changes: VersionChange[] }) {
  if (changes.length === 0) return null;
  return (
    <ul className="space-y-1">
      {changes.map((change, index) => (
        <li key={index} className="flex gap-2.5 text-sm">
          <Badge tone={TONES[change.class]}>{change.class}</Badge>
          <span className="min-w-0 break-words">
            {change.dataset !== undefined && (
              <>
                <span className="font-mono">{change.dataset}</span>:{' '}
              </>
            )}
            <Inline text={change.message} />
          </span>
        </li>
      ))}
    </ul>
  );
}
