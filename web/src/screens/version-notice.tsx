import { Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Product, ProductMajor } from '../api-types.ts';
import { formatDay, lastDay } from '../format.ts';

const linkStyle = 'text-accent underline-offset-2 hover:underline';

/** Says that a version ends, when, and what its readers do about it. */
export function VersionNotice({ product }: { product: Product }) {
  const shown = product.majors.find(({ major }) => major === product.major);
  const current = product.majors.find((one) => one.current);
  if (shown !== undefined && current !== undefined && !shown.current) {
    const isNext = shown.major > current.major;
    if (isNext) return null;
    return (
      <Banner>
        Version {current.version} has taken the place of this one, {served(shown)}. Move by asking for the{' '}
        <MajorLink product={product} major={current}>
          current version
        </MajorLink>{' '}
        for the same purpose; what you hold here goes on until then.
      </Banner>
    );
  }
  const held = product.majors.find((one) => !one.current && one.access === 'active');
  if (held !== undefined && held.status !== 'retired') {
    return (
      <Banner>
        Your domain reads{' '}
        <MajorLink product={product} major={held}>
          version {held.version}
        </MajorLink>
        , {served(held)}. Request this version for the same purpose to move; the tab Versions says what
        differs.
      </Banner>
    );
  }
  if (shown?.status === 'deprecated' && shown.sunsetAt !== null)
    return (
      <Banner>
        This product ends: it is served until {formatDay(lastDay(shown.sunsetAt))}. Ask its owner what
        replaces it.
      </Banner>
    );
  return null;
}

function served({ sunsetAt, status }: ProductMajor): string {
  if (status === 'retired') return 'which is served no more';
  const until = sunsetAt === null ? 'further notice' : formatDay(lastDay(sunsetAt));
  return `which is served until ${until}`;
}

/** To the page of one major. */
export function MajorLink({
  product,
  major,
  children,
}: {
  product: Product;
  major: ProductMajor;
  children: ReactNode;
}) {
  const [domain = '', name = ''] = major.address.split('.');
  return (
    <Link
      to="/products/$domain/$product"
      params={{ domain: domain || product.domain, product: name || product.name }}
      className={linkStyle}
    >
      {children}
    </Link>
  );
}

function Banner({ children }: { children: ReactNode }) {
  return (
    <div className="flex items-start gap-2.5 rounded-lg border border-warn/35 bg-warn-soft px-4 py-3">
      <History className="mt-[3px] size-4 shrink-0 text-warn" aria-hidden="true" />
      <p className="text-ink">{children}</p>
    </div>
  );
}
