import type { Product, ProductVersion } from '../api-types.ts';
import { ChangeList } from '../parts/change-list.tsx';
import { formatDay, lastDay } from '../format.ts';
import { AccessBadge, StateBadge } from '../parts/badge.tsx';
import { Empty } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
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
      <ChangeList changes={changes} />
    </li>
  );
}
