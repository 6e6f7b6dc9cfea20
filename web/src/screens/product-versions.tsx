import type { Product, ProductVersion } from '../api-types.ts';
import { formatDay, lastDay } from '../format.ts';
import { AccessBadge, Badge, StateBadge, type Tone } from '../parts/badge.tsx';
import { Empty } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Inline } from '../parts/prose.tsx';
import { MajorLink } from './version-notice.tsx';

/** The majors that are served or were, and what each version changed for its readers. */
export function ProductVersions({ product }: { product: Product }) {
  if (product.versions.length === 0)
    return <Empty title="Nothing was published yet">Its versions appear here once it is offered.</Empty>;
  return (
    <div className="space-y-10">
      <Section title="Major versions">
        <ul className="divide-y divide-line">
          {product.majors.map((major) => (
            <li key={major.major} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
              <span className="font-mono">
                <MajorLink product={product} major={major}>
                  {major.address}
                </MajorLink>
              </span>
              <span className="font-mono text-sm text-ink-faint">v{major.version}</span>
              <StateBadge state={major.status} />
              <AccessBadge access={major.access} />
              {major.sunsetAt && (
                <span className="text-sm text-ink-soft">
                  {major.status === 'retired' ? 'was served' : 'served'} until{' '}
                  {formatDay(lastDay(major.sunsetAt))}
                </span>
              )}
            </li>
          ))}
        </ul>
      </Section>
      <Section title="What changed">
        <ol className="space-y-5">
          {product.versions.map((version) => (
            <Version key={`${version.version} ${version.publishedAt}`} version={version} />
          ))}
        </ol>
      </Section>
    </div>
  );
}

const TONES: Record<ProductVersion['changes'][number]['class'], Tone> = {
  breaking: 'bad',
  compatible: 'good',
  cosmetic: 'neutral',
};

function Version({ version: { version, publishedAt, changes } }: { version: ProductVersion }) {
  return (
    <li className="space-y-1.5">
      <p className="flex gap-3">
        <span className="font-mono">{version}</span>
        <time dateTime={publishedAt} className="text-ink-faint">
          {formatDay(publishedAt)}
        </time>
      </p>
      {changes.length === 0 && (
        <p className="text-sm text-ink-soft">No change of what it promises was recorded.</p>
      )}
      <ul className="space-y-1">
        {changes.map((change, index) => (
          <li key={index} className="flex gap-2.5 text-sm">
            <Badge tone={TONES[change.class]}>{change.class}</Badge>
            <span className="min-w-0 break-words">
              <span className="font-mono">{change.dataset}</span>: <Inline text={change.message} />
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}
