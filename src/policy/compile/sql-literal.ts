import { quoteLiteral, type DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { fitConstant } from '../row-filter-fit.ts';
import type { Constant } from '../row-filter-model.ts';

/** A constant in the one form of its type, as every SQL door writes it. */
export function fittedConstant(constant: Constant, type: DataType): string | number | boolean {
  const fitted = fitConstant(constant, type);
  if (typeof fitted === 'string')
    throw new MeshError('internal', { detail: `unchecked constant: ${fitted}` });
  return fitted.value;
}

/** A string literal; a NUL character ends SQL text for some readers, so it is written as a call. */
export function sqlText(text: string): string {
  if (!text.includes('\0')) return quoteLiteral(text);
  return `(${text.split('\0').map(quoteLiteral).join(' || chr(0) || ')})`;
}
