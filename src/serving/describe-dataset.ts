import type { Column, DataType } from '../base/data-type.ts';
import type { PlannedDataset } from '../subscriptions/plan-access.ts';
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
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

function parametersOf(columns: Column[]): object[] {
  const parameter = (name: string, description: string, schema: object = { type: 'string' }) => ({
    name,
    in: 'query',
    description,
    schema,
  });
  return [
    parameter('select', 'columns, separated by commas'),
    parameter('order', 'columns, separated by commas; a minus sign before one turns it around'),
    parameter('limit', 'rows of a page', { type: 'integer', default: 100 }),
    parameter('cursor', 'the `next` of the page before'),
    parameter('format', 'of the answer', { enum: ['rows', 'csv', 'json', 'ndjson', 'parquet', 'arrow'] }),
    ...columns.map(({ name }) =>
      parameter(name, `filter: eq., ne., lt., lte., gt., gte., in.(a,b), like.prefix*, is.null, is.notnull`),
    ),
  ];
}

function responsesOf(columns: Column[]): object {
  const row = {
    type: 'object',
    properties: Object.fromEntries(
      columns.map(({ name, type }) => [name, { anyOf: [schemaOf(type), { type: 'null' }] }]),
    ),
  };
  const page = {
    type: 'object',
    properties: {
      release: { type: 'integer' },
      rows: { type: 'array', items: row },
      next: { type: ['string', 'null'] },
    },
  };
  return { 200: { description: 'a page of rows', content: { 'application/json': { schema: page } } } };
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
