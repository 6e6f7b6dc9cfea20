import { duckdbType, quoteLiteral, type DataType } from '../../base/data-type.ts';
import type { Constant } from '../row-filter-model.ts';
import { fittedConstant, sqlText } from './sql-literal.ts';

/**
 * A constant as a DuckDB literal of exactly this type and value. Nothing of the input reaches the SQL but
 * what `fitConstant` made canonical (digits, dates, hex) or text within quotes.
 */
export function duckdbConstant(constant: Constant, type: DataType): string {
  const value = fittedConstant(constant, type);
  const text = String(value);
  switch (type.kind) {
    case 'string':
      return sqlText(text);
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE';
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
