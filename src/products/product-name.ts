/** How a product is addressed: `DOMAIN.PRODUCT` means its current major, `DOMAIN.PRODUCT@2` the major 2. */
export interface ProductName {
  domain: string;
  product: string;
  /** Null for the current one. */
  major: number | null;
}

const ADDRESS = /^([^.@]*)\.([^.@]*)(?:@(0|[1-9]\d{0,8}))?$/;

/** Null for what is no name of a product. */
export function parseProductName(text: string): ProductName | null {
  const [, domain, product, major] = ADDRESS.exec(text) ?? [];
  if (domain === undefined || product === undefined) return null;
  return { domain, product, major: major === undefined ? null : Number(major) };
}

/** The name that leads to exactly this major, for the current one the plain name. */
export function addressOf(product: {
  domain: string;
  name: string;
  major: number;
  is_current: boolean;
}): string {
  const { domain, name, major, is_current } = product;
  return is_current ? `${domain}.${name}` : `${domain}.${name}@${major}`;
}
