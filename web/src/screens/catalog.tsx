import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Search, X } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { ProductRow } from '../api-types.ts';
import { type CatalogSearch, filterProducts, groupHits } from '../catalog-match.ts';
import { Button } from '../parts/button.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { domainsQuery, productsQuery, searchQuery } from '../queries.ts';
import { CatalogFilters } from './catalog-filters.tsx';
import { CatalogList, DomainHits } from './catalog-list.tsx';

const route = getRouteApi('/');

/** Typing rests this long before it is searched for. */
const WAIT_MS = 160;

/** Changes part of the catalog's address; typing replaces the entry instead of filling the history. */
function useCatalogAddress() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: CatalogSearch) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false });
  return { search, change };
}

export function CatalogScreen() {
  const { search, change } = useCatalogAddress();
  const products = useQuery(productsQuery);
  const domains = useQuery(domainsQuery);
  return (
    <Page>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <PageTitle title="Catalog" />
        <SearchBox text={search.q ?? ''} onChange={(q) => change({ q: q || undefined })} />
      </div>
      <div className="gap-8 lg:grid lg:grid-cols-[12.5rem_1fr]">
        <CatalogFilters
          products={products.data?.products ?? []}
          domains={domains.data ?? []}
          search={search}
          onChange={change}
        />
        <div className="min-w-0">
          {products.isPending && <Loading label="Reading the catalog" lines={7} />}
          {products.isError && <ErrorNotice error={products.error} retry={() => void products.refetch()} />}
          {products.data && <Results search={search} onChange={change} catalog={products.data} />}
        </div>
      </div>
    </Page>
  );
}

function SearchBox({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(text);
  const sent = useRef(text);
  useEffect(() => {
    // Only what others put into the address (back, a link, "clear") replaces what is being typed.
    if (text !== sent.current) setTyped(text);
    sent.current = text;
  }, [text]);
  const search = useEffectEvent(onChange);
  useEffect(() => {
    if (typed.trim() === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed.trim();
      search(sent.current);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      input.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div role="search" className="relative w-full sm:w-96">
      <Search className="absolute top-2.5 left-2.5 size-4 text-ink-faint" aria-hidden="true" />
      <input
        ref={input}
        type="search"
        aria-label="Search products, datasets and columns"
        placeholder="Search products, datasets, columns"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && setTyped('')}
        className="h-9 w-full rounded-md border border-edge bg-surface pr-9 pl-8.5 placeholder:text-ink-faint focus-visible:outline-1 focus-visible:outline-offset-0 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed === '' ? (
        <kbd className="absolute top-2 right-2 hidden rounded-sm border border-line px-1.5 font-mono text-xs text-ink-faint sm:block">
          /
        </kbd>
      ) : (
        <Button
          look="quiet"
          size="icon"
          aria-label="Clear the search"
          className="absolute top-1 right-1"
          onClick={() => setTyped('')}
        >
          <X aria-hidden="true" />
        </Button>
      )}
    </div>
  );
}

interface ResultsProps {
  search: CatalogSearch;
  onChange: (part: CatalogSearch) => void;
  catalog: { products: ProductRow[]; complete: boolean };
}

function Results({ search, onChange, catalog }: ResultsProps) {
  const found = useInfiniteQuery(
    searchQuery({ text: search.q ?? '', domain: search.domain, kind: search.kind }),
  );
  const isFiltered = Boolean(search.q ?? search.domain ?? search.access ?? search.tag ?? search.kind);
  const clear = () =>
    onChange({ q: undefined, domain: undefined, access: undefined, tag: undefined, kind: undefined });
  const allowed = filterProducts(catalog.products, search);
  if (!search.q) {
    const matches = allowed.map((product) => ({ product, inside: [] }));
    return (
      <>
        <CatalogList matches={matches} clear={isFiltered ? clear : undefined} />
        {!catalog.complete && (
          <p className="mt-4 text-center text-ink-soft">
            The catalog holds more than these. Search for the rest by name, description, tag or column.
          </p>
        )}
      </>
    );
  }
  if (found.isPending) return <Loading label="Searching" lines={5} />;
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  const hits = found.data.pages.flatMap((page) => page.hits);
  return (
    <div className={found.isPlaceholderData ? 'opacity-60 transition-opacity' : undefined}>
      <DomainHits hits={hits.filter((hit) => hit.kind === 'domain')} />
      <CatalogList matches={groupHits(hits, catalog, search)} text={search.q} clear={clear} />
      {found.hasNextPage && (
        <div className="mt-4 text-center">
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}
