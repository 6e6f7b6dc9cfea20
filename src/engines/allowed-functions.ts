import {
  ALLOWED_AGGREGATES,
  ALLOWED_MACROS,
  ALLOWED_OPERATORS,
  ALLOWED_SCALARS,
  ALLOWED_TABLE_FUNCTIONS,
} from './function-lists.ts';
import { refusal, type Refusal } from './refusals.ts';
import { isEmpty, type Node } from './syntax-shapes.ts';

const AGGREGATES = new Set(ALLOWED_AGGREGATES);
const TABLE_FUNCTIONS = new Set(ALLOWED_TABLE_FUNCTIONS);
const FUNCTIONS = new Set([
  ...ALLOWED_OPERATORS,
  ...ALLOWED_SCALARS,
  ...ALLOWED_MACROS,
  ...ALLOWED_AGGREGATES,
  'unnest',
  'grouping',
  'grouping_id',
]);

/** These take the name of an aggregate as text in their second argument. */
const LIST_AGGREGATES = new Set([
  'list_aggr',
  'list_aggregate',
  'array_aggr',
  'array_aggregate',
  'aggregate',
]);

/** Names that DuckDB answers from the session when no column has them; never columns of ours. */
const SESSION_NAMES = new Set([
  'current_catalog',
  'current_database',
  'current_query',
  'current_role',
  'current_schema',
  'current_user',
  'session_user',
]);

export function isSessionName(column: string): boolean {
  return SESSION_NAMES.has(column.toLowerCase());
}

export function isAggregate(name: string): boolean {
  return AGGREGATES.has(name.toLowerCase());
}

/** A call in an expression (class FUNCTION or WINDOW): null when allowed. */
export function checkFunction(call: Node): Refusal | null {
  const name = String(call['function_name']).toLowerCase();
  const refused = refusal('query.function-refused', { function: name });
  if (!inMainSchema(call) || !FUNCTIONS.has(name)) return refused;
  if (LIST_AGGREGATES.has(name) && !namesAggregate(call)) return refused;
  return null;
}

/** A call in FROM: null when allowed. */
export function checkTableFunction(call: Node): Refusal | null {
  const name = String(call['function_name']).toLowerCase();
  if (inMainSchema(call) && TABLE_FUNCTIONS.has(name)) return null;
  return refusal('query.function-refused', { function: name });
}

/** DuckDB writes its own functions back as `main.f`; any other schema was typed to reach something else. */
function inMainSchema(call: Node): boolean {
  return isEmpty(call['catalog']) && (isEmpty(call['schema']) || call['schema'] === 'main');
}

/** Only a constant name can be checked. */
function namesAggregate(call: Node): boolean {
  const second = (call['children'] as Node[] | undefined)?.[1];
  const value = (second?.['value'] as Node | undefined)?.['value'];
  return second?.['class'] === 'CONSTANT' && typeof value === 'string' && isAggregate(value);
}
