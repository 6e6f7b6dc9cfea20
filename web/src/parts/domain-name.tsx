import { useQuery } from '@tanstack/react-query';
import { domainsQuery, meQuery } from '../queries.ts';

/** The title of a domain that I belong to or find in the catalog; its name until the titles are known. */
export function useDomainTitle(): (name: string) => string {
  const domains = useQuery(domainsQuery);
  const me = useQuery(meQuery);
  const known = [...(domains.data ?? []), ...(me.data?.domains ?? [])];
  return (name) => known.find((domain) => domain.name === name)?.title ?? name;
}
