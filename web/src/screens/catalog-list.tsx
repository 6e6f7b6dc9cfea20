import { Link } from '@tanstack/react-router';
import { Columns3, Table2 } from 'lucide-react';
import { useState } from 'react';
import type { Access, Hit } from '../api-types.ts';
import { addToBasket, takeFromBasket, useBasket } from '../basket.ts';
import { lastRelease, type Listed, totalRows, type Match } from '../catalog-match.ts';
import { countOf, formatShortCount } from '../format.ts';
import { AccessBadge, IncidentBadge, StatusBadge, Tags } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty } from '../parts/notice.tsx';
import { Inline } from '../parts/prose.tsx';

/** So many rows are drawn before the reader asks for more. */
const FIRST_ROWS = 60;

interface CatalogListProps {
  matches: Match[];
  text?: string;
  /** Takes all filters away; absent when there are none. */
  clear: (() => void) | undefined;
}

export function CatalogList({ matches, text, clear }: CatalogListProps) {
  const [shown, setShown] = useState(FIRST_ROWS);
  if (matches.length === 0) return <NothingFound text={text} clear={clear} />;
  return (
    <>
      <p role="status" className="mb-2 text-sm text-ink-faint">
        {countOf(matches.length, 'product')}
        {text && (
          <>
            {' '}
            for <span className="text-ink">{text}</span>
          </>
        )}
      </p>
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
        {matches.slice(0, shown).map((match) => (
          <ProductItem key={match.product.id} match={match} />
        ))}
      </ul>
      {matches.length > shown && (
        <div className="mt-4 text-center">
          <Button onClick={() => setShown(shown + FIRST_ROWS * 4)}>
            Show more of {matches.length.toLocaleString('en')}
          </Button>
        </div>
      )}
    </>
  );
}

function NothingFound({ text, clear }: { text: string | undefined; clear: (() => void) | undefined }) {
  if (!clear) {
    return (
      <Empty title="No data products yet">
        A domain publishes one with <Inline text="`crossdock apply` and `crossdock product publish`" />. What
        you may discover then appears here.
      </Empty>
    );
  }
  return (
    <Empty
      title={text ? `Nothing found for “${text}”` : 'No product fits these filters'}
      action={<Button onClick={clear}>Clear search and filters</Button>}
    >
      Try fewer or other words: names, descriptions, tags and column names are searched, and small typos are
      forgiven.
    </Empty>
  );
}

function ProductItem({ match: { product, inside } }: { match: Match }) {
  return (
    <li className="relative grid gap-x-6 gap-y-2 px-4 py-3 first:rounded-t-lg last:rounded-b-lg hover:bg-hover sm:grid-cols-[1fr_9.5rem]">
      <div className="min-w-0 space-y-1">
        <h2 className="flex flex-wrap items-baseline gap-x-2 text-base">
          <Link
            to="/products/$domain/$product"
            params={{ domain: product.domain, product: product.name }}
            className="stretched font-semibold after:rounded-[inherit]"
          >
            {product.title}
          </Link>
          <span className="truncate font-mono text-xs font-normal tracking-normal text-ink-faint">
            {product.domain}.{product.name}
          </span>
          <StatusBadge status={product.status} />
          <IncidentBadge severity={product.incident} />
        </h2>
        {product.description && (
          <p className="line-clamp-2 max-w-prose text-ink-soft">
            <Inline text={product.description} />
          </p>
        )}
        <FoundInside hits={inside} />
        <Tags tags={product.tags} />
      </div>
      {product.access !== null && <Facts product={product} access={product.access} />}
      {product.access === 'none' && <BasketButton product={product} />}
    </li>
  );
}

/** Above the link that covers the whole item. */
function BasketButton({ product }: { product: Listed }) {
  const name = `${product.domain}.${product.name}`;
  const isIn = useBasket().some((item) => item.product === name);
  return (
    <Button
      size="small"
      className="relative justify-self-start sm:col-start-2 sm:justify-self-end"
      aria-label={
        isIn ? `${product.title} is in the basket: take it out` : `Put ${product.title} into the basket`
      }
      onClick={() => (isIn ? takeFromBasket(name) : addToBasket({ product: name, title: product.title }))}
    >
      {isIn ? 'In the basket' : 'Into the basket'}
    </Button>
  );
}

function Facts({ product, access }: { product: Listed; access: Access }) {
  const released = lastRelease(product);
  const rows = totalRows(product);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-faint sm:flex-col sm:items-end sm:text-right">
      <AccessBadge access={access} />
      {released === null ? (
        <span>no release yet</span>
      ) : (
        <span>
          <Ago at={released} />
        </span>
      )}
      <span className="tabular">
        {rows === null ? countOf(product.datasets.length, 'dataset') : `${formatShortCount(rows)} rows`}
      </span>
    </div>
  );
}

/** Which datasets and columns of the product made it match. */
function FoundInside({ hits }: { hits: Hit[] }) {
  if (hits.length === 0) return null;
  return (
    <ul aria-label="Found inside" className="flex flex-wrap gap-x-3 gap-y-0.5 text-sm text-ink-soft">
      {hits.slice(0, 6).map((hit) => {
        const Icon = hit.kind === 'column' ? Columns3 : Table2;
        return (
          <li key={hit.id} className="flex items-center gap-1" title={hit.description ?? undefined}>
            <Icon className="size-3.5 text-ink-faint" aria-hidden="true" />
            <span className="sr-only">{hit.kind}</span>
            <span className="font-mono text-xs">
              {hit.kind === 'column' ? `${hit.dataset}.${hit.column}` : hit.dataset}
            </span>
          </li>
        );
      })}
      {hits.length > 6 && <li className="text-ink-faint">and {hits.length - 6} more</li>}
    </ul>
  );
}

/** Domains that match the text themselves: one press shows their products. */
export function DomainHits({ hits }: { hits: Hit[] }) {
  if (hits.length === 0) return null;
  return (
    <ul aria-label="Domains found" className="mb-4 flex flex-wrap gap-2">
      {hits.map((hit) => (
        <li key={hit.id}>
          <Link
            to="/"
            search={{ domain: hit.domain }}
            className="flex items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 py-1 text-sm hover:bg-hover"
          >
            <span className="text-ink-faint">Domain</span> {hit.title}
          </Link>
        </li>
      ))}
    </ul>
  );
}
