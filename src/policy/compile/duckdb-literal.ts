import { duckdbType, quoteLiteral, type DataType } from '../../base/data-type.ts';
import { MeshError } from '../../base/errors.ts';
import { fitConstant } from '../row-filter-fit.ts';
import type { Constant } from '../row-filter-model.ts';

/**
 * A constant as a DuckDB literal of exactly this type and value. Nothing of the input reaches the SQL but
 * what `fitConstant` made canonical (digits, dates, hex) or text within quotes.
 */
export function duckdbConstant(constant: Constant, type: DataType): string {
  const fitted = fitConstant(constant, type);
  if (typeof fitted === 'string')
    throw new MeshError('internal', { detail: `unchecked constant: ${fitted}` });
  const text = String(fitted.value);
  switch (type.kind) {
    case 'string':
      return duckdbText(text);
    case 'boolean':
      return fitted.value === true ? 'TRUE' : 'FALSE';
    case 'date':
    case 'time':
    case 'timestamp':
      return `${duckdbType(type)} ${quoteLiteral(text)}`;
    case 'float':
      // By way of double, as the reference does it: reading the text as float directly may round otherwise.
      return `CAST(CAST(${quoteLiteral(text)} AS DOUBLE) AS FLOAT)`;
    default:
      return `CAST(${quoteLiteral(text)} AS ${duckdbType(type)})`;
  }
}

/** A string literal; a NUL character ends SQL text for some readers, so it is written as a call. */
export function duckdbText(text: string): string {
  if (!text.includes('\0')) return quoteLiteral(text);
  return `(${text.split('\0').map(quoteLiteral).join(' || chr(0) || ')})`;
}
