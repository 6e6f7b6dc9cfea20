import type { Column, DataType } from '../base/data-type.ts';
import { PROBLEM_SCHEMA } from '../base/problem-schema.ts';
import { CONTENT_TYPES } from '../engines/engine.ts';
import type { PlannedDataset } from '../subscriptions/plan-access.ts';
import { PARAMETERS } from './dataset-request.ts';
import { visibleColumns } from './read-dataset.ts';

/** An OpenAPI 3.1 document for one dataset: exactly the columns this caller gets, nothing of the others. */
export function describeDataset(planned: PlannedDataset): object {
  const { facts, release } = planned;
  const columns = visibleColumns(planned);
  const path = `/data/v1/${facts.domain}/${facts.product}/${facts.dataset}`;
  return {
    openapi: '3.1.0',
    info: {
      title: `${facts.domain}.${facts.product}.${facts.dataset}`,
      version: `release-${release.number}`,
    },
    security: [{ token: [] }],
    paths: {
      [path]: {
        get: { operationId: 'read', parameters: parametersOf(columns), responses: responsesOf(columns) },
      },
    },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

const FILTER =
  'filter: eq., ne., lt., lte., gt., gte., in.(a,b), like.prefix*, is.null, is.notnull; several must all hold';

function parametersOf(columns: Column[]): object[] {
  const ofColumns = columns.filter(({ name }) => !Object.hasOwn(PARAMETERS, name));
  const many = { type: 'array', items: { type: 'string' } };
  return [
    ...Object.entries(PARAMETERS).map(([name, parameter]) => ({ name, in: 'query', ...parameter })),
    ...ofColumns.map(({ name }) => ({ name, in: 'query', description: FILTER, schema: many, explode: true })),
    {
      name: 'if-none-match',
      in: 'header',
      description: 'the ETag of an earlier answer: 304 when nothing has changed',
      schema: { type: 'string' },
    },
  ];
}

function responsesOf(columns: Column[]): object {
  const headers = {
    etag: header('of release, what may be seen, and request'),
    'crossdock-incidents': header('living incidents of the dataset, a structured field (RFC 9651)'),
  };
  const ofFiles = {
    'x-row-count': header('of a file: how many rows it holds'),
    'x-query-id': header('of a file: the query that made it'),
  };
  const files = Object.values(CONTENT_TYPES).map((type) => [type, { schema: { type: 'string' } }] as const);
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  return {
    200: {
      description: 'a page of rows, or the file of the format asked for',
      headers: { ...headers, ...ofFiles },
      content: { ...Object.fromEntries(files), 'application/json': { schema: jsonOf(columns) } },
    },
    304: { description: 'unchanged since the answer with this ETag', headers },
    400: problem('a parameter is not valid; `problems` names each'),
    401: problem('no token, or one that does not count'),
    403: problem('no subscription, or a token without the scope `query`'),
    404: problem('no such dataset for this caller'),
    409: problem('several subscriptions apply, or the cursor’s release or access has changed'),
    410: problem('this major had its sunset'),
    429: problem('too many requests; `retry-after` says when'),
    default: problem('refused or failed'),
  };
}

function header(description: string): object {
  return { description, schema: { type: 'string' } };
}

/** A page with what belongs to it, or with `format=json` the rows alone. */
function jsonOf(columns: Column[]): object {
  const row = {
    type: 'object',
    properties: Object.fromEntries(
      columns.map(({ name, type }) => [name, { anyOf: [schemaOf(type), { type: 'null' }] }]),
    ),
  };
  const text = { type: 'string' };
  const column = { type: 'object', properties: { name: text, type: text } };
  const page = {
    type: 'object',
    required: ['release', 'columns', 'rows', 'next'],
    properties: {
      release: { type: 'integer' },
      columns: { type: 'array', items: column },
      rows: { type: 'array', items: row },
      next: { type: ['string', 'null'], description: '`cursor` of the next page' },
    },
  };
  return { anyOf: [page, { type: 'array', items: row }] };
}

/** Values as JSON holds them: what JavaScript cannot hold exactly is text. */
function schemaOf(type: DataType): object {
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean' };
    case 'int':
      return { type: 'integer' };
    case 'float':
    case 'double':
      return { type: 'number' };
    case 'long':
      return { type: ['integer', 'string'] };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamptz':
      return { type: 'string', format: 'date-time' };
    case 'list':
      return { type: 'array', items: schemaOf(type.element) };
    case 'struct':
      return {
        type: 'object',
        properties: Object.fromEntries(type.fields.map((field) => [field.name, schemaOf(field.type)])),
      };
    case 'map':
      return { type: ['object', 'array'] };
    default:
      return { type: 'string' };
  }
}
