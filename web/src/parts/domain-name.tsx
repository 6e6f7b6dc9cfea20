import { useQuery } from '@tanstack/react-query';
import { domainsQuery } from '../queries.ts';

/** The title of a domain, or its name until the titles are known. */
export function useDomainTitle(): (name: string) => string {
  const domains = useQuery(domainsQuery);
  return (name) => domains.data?.find((domain) => domain.name === name)?.title ?? name;
}

export function DomainName({ name }: { name: string }) {
  const titleOf = useDomainTitle();
  return titleOf(name);
}
