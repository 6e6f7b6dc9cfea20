import type { Column } from '../base/data-type.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { nearestName } from '../base/nearest-name.ts';
import { ANSWER_FORMATS } from './answer-formats.ts';
import { checkRowFilter } from '../policy/row-filter-check.ts';
import type { CompareOperator, Constant, RowFilter } from '../policy/row-filter-model.ts';
import { fitConstant } from '../policy/row-filter-fit.ts';

/** What a request of the data API asks for, checked against the columns this caller may see. */
export interface DatasetRequest {
  select: string[];
  filter: RowFilter;
  order: { column: string; descending: boolean }[];
  limit: number;
}

const DEFAULT_ROWS = 100;

/** Parameters that are no columns, with what an OpenAPI document says of them; a column of such a name is filtered by SQL. */
export const PARAMETERS: Record<string, { description: string; schema: object }> = {
  select: { description: 'columns, separated by commas, each once', schema: { type: 'string' } },
  order: {
    description: 'columns, separated by commas; a minus sign before one turns it around',
    schema: { type: 'string' },
  },
  limit: {
    description: 'rows of a page',
    schema: { type: 'integer', minimum: 1, maximum: LIMITS.answerRows, default: DEFAULT_ROWS },
  },
  cursor: { description: 'the `next` of the page before', schema: { type: 'string' } },
  format: { description: 'of the answer', schema: { enum: ANSWER_FORMATS, default: 'rows' } },
  purpose: {
    description: 'purpose or id of the subscription to read under, where several apply',
    schema: { type: 'string', maxLength: 500 },
  },
  at: {
    description: 'the release as of this time; what may be seen stays today’s',
    schema: { type: 'string', format: 'date-time' },
  },
};

const COMPARISONS: Record<string, CompareOperator> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};
const OPERATORS =
  'operators are eq, ne, lt, lte, gt, gte, in.(A,B), like.PREFIX* (one * at the end), is.null and is.notnull';
const TYPED = /^(eq|ne|lt|lte|gt|gte|in|like|is)\.(.*)$/s;

/**
 * Reads `select=a,b`, `order=a,-b`, `limit=n` and a filter for each column: `column=gte.10`,
 * `column=in.(a,b)`, `column=like.prefix*`, `column=is.null`; a value without operator means `eq`.
 * @throws MeshError `input.invalid` with every problem; a hidden column is as unknown as one that is not there
 */
export function readDatasetRequest(query: Record<string, unknown>, columns: Column[]): DatasetRequest {
  const problems: Problem[] = [];
  const names = new Set(columns.map(({ name }) => name));
  const known = (name: string, parameter: string) => {
    if (names.has(name)) return true;
    problems.push({ message: unknownName(name, parameter, [...names]), pointer: `/${parameter}` });
    return false;
  };
  const select = listOf(query['select']).filter((name) => known(name, 'select'));
  for (const name of new Set(select.filter((each, index) => select.indexOf(each) < index))) {
    problems.push({ message: `${name} stands twice in select; name each column once`, pointer: '/select' });
  }
  const order = listOf(query['order'])
    .map((text) => ({ column: text.replace(/^[-+]/, ''), descending: text.startsWith('-') }))
    .filter(({ column }) => known(column, 'order'));
  const terms = Object.entries(query)
    .filter(([name]) => !Object.hasOwn(PARAMETERS, name) && known(name, name))
    .flatMap(([name, values]) => {
      const column = columns.find((one) => one.name === name)!;
      return [values].flat().flatMap((value) => readTerm(column, String(value), problems));
    });
  const filter: RowFilter = terms.length === 0 ? { op: 'true' } : { op: 'and', terms };
  if (problems.length === 0) problems.push(...checkRowFilter(filter, columns));
  const limit = readLimit(query['limit'], problems);
  if (problems.length > 0) throw new MeshError('input.invalid', { problems });
  return {
    select: select.length === 0 ? [...names] : select,
    filter,
    order,
    limit,
  };
}

/** A name in the address may be a column's or a parameter's. */
function unknownName(name: string, parameter: string, columns: string[]): string {
  const candidates = name === parameter ? [...columns, ...Object.keys(PARAMETERS)] : columns;
  const near = name.length > 100 ? null : nearestName(name, candidates);
  const what = name === parameter ? 'column or parameter' : 'column';
  if (near !== null) return `there is no ${what} ${name}; did you mean ${near}?`;
  return `there is no ${what} ${name}; the columns are ${columns.join(', ')}`;
}

function listOf(value: unknown): string[] {
  return [value ?? []]
    .flat()
    .flatMap((text) => String(text).split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

/** An address has only text: what it means is said by the column's type. */
function readTerm({ name: column, type }: Column, text: string, problems: Problem[]): RowFilter[] {
  const pointer = `/${column}`;
  const constant = (value: string): Constant => {
    const fitted = fitConstant({ value }, type);
    if (typeof fitted !== 'string') return fitted;
    const isOperator = /^[a-z]+\./.test(text) && value === text;
    problems.push({ message: isOperator ? `${fitted}; ${OPERATORS}` : fitted, pointer });
    return { value };
  };
  const [, operator = 'eq', value = text] = TYPED.exec(text) ?? [];
  const compared = COMPARISONS[operator];
  if (compared !== undefined) return [{ op: 'compare', column, operator: compared, value: constant(value) }];
  if (operator === 'in') {
    const values = value.replace(/^\(|\)$/g, '').split(',');
    return [{ op: 'in', column, values: values.map((one) => constant(one.trim())) }];
  }
  if (operator === 'like' && /^[^*]*\*$/.test(value))
    return [{ op: 'like', column, prefix: value.slice(0, -1) }];
  if (operator === 'is' && value === 'null') return [{ op: 'is-null', column }];
  if (operator === 'is' && value === 'notnull') return [{ op: 'not', term: { op: 'is-null', column } }];
  problems.push({ message: `${text} is not understood; ${OPERATORS}`, pointer });
  return [];
}

function readLimit(value: unknown, problems: Problem[]): number {
  const limit = Number(value ?? DEFAULT_ROWS);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMITS.answerRows) return limit;
  problems.push({
    message: `limit must be a whole number between 1 and ${LIMITS.answerRows}`,
    pointer: '/limit',
  });
  return DEFAULT_ROWS;
}
