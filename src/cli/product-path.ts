import { MeshError } from '../base/errors.ts';

/** `sales.sell-out` -> `/products/sales/sell-out`. */
export function pathOf(name: string): string {
  const parts = name.split('.');
  if (parts.length !== 2) throw new MeshError('cli.product-name', { facts: { name } });
  return `/products/${parts.map(encodeURIComponent).join('/')}`;
}
