import type { Product } from './api-types.ts';

/** The product in an address: `sell-out`, or `sell-out@1` for a major that is not the current one. */
export function productSegment({ majors, major, name }: Product): string {
  const isCurrent = majors.find((one) => one.major === major)?.current ?? true;
  return isCurrent ? name : `${name}@${major}`;
}
