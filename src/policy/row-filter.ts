/**
 * The row filter language, for everybody outside this folder: read, print, check against a table, bind to a
 * principal, and the reference meaning that every door is tested against.
 */
export type { Attributes, Constant, Operand, RowFilter } from './row-filter-model.ts';
export { attributesOf, columnsOf, FILTER_LIMITS } from './row-filter-model.ts';
export type { Row, RowValue } from './row-value.ts';
export { parseRowFilter } from './row-filter-parse.ts';
export { printRowFilter } from './row-filter-print.ts';
export { checkRowFilter } from './row-filter-check.ts';
export { bindRowFilter } from './row-filter-bind.ts';
export { evaluateRowFilter } from './row-filter-evaluate.ts';
