import { type ProductName, parseProductName } from '../products/product-name.ts';

interface Row {
  name: string;
  major: number;
  /** Whether it was ever offered. */
  published: boolean;
}

/**
 * The row a declared product is: that of its major, else the draft that was never offered and takes the new
 * number. None means a new major, beside those that were offered before.
 */
export function findMajor<Stored>(
  declared: { name: string; major: number },
  stored: readonly Stored[],
  rowOf: (stored: Stored) => Row,
): Stored | null {
  const rows = stored.filter((one) => rowOf(one).name === declared.name);
  return (
    rows.find((one) => rowOf(one).major === declared.major) ??
    rows.find((one) => !rowOf(one).published) ??
    null
  );
}

/** `sales.sell-out@1` -> `sales.sell-out`. */
export function plainName(address: string): string {
  const parsed = parseProductName(address);
  return parsed === null ? address : `${parsed.domain}.${parsed.product}`;
}

/** Whether a product as written, with or without a major, means this one. */
export function isMeant(written: string, product: { product: string; major: number }): boolean {
  const parsed: ProductName | null = parseProductName(written);
  if (parsed === null || `${parsed.domain}.${parsed.product}` !== product.product) return false;
  return parsed.major === null || parsed.major === product.major;
}
