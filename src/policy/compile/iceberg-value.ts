import type { DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { fitConstant } from '../row-filter-fit.ts';
import type { Constant } from '../row-filter-model.ts';
import { floatingValue } from './floating.ts';

/** A long that JavaScript's numbers cannot hold is a bigint; `icebergJson` writes it as the number it is. */
export type IcebergValue = string | number | bigint | boolean;

/** Iceberg table spec, Appendix D: "JSON single-value serialization". */
export function icebergValue(constant: Constant, type: DataType): IcebergValue {
  const fitted = fitConstant(constant, type);
  if (typeof fitted === 'string')
    throw new MeshError('internal', { detail: `unchecked constant: ${fitted}` });
  const { value } = fitted;
  switch (type.kind) {
    case 'long':
      return typeof value === 'string' ? BigInt(value) : value;
    case 'float':
    case 'double':
      return floatingValue(constant, type);
    case 'timestamp':
      return String(value).replace(' ', 'T');
    case 'timestamptz':
      return String(value).replace(' ', 'T').replace(/Z$/, '+00:00');
    default:
      return value;
  }
}

// Of ECMAScript, not yet of TypeScript's library.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON in which whole numbers of any size stand as they are. */
export function icebergJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? rawJSON(part.toString()) : part,
  );
}
