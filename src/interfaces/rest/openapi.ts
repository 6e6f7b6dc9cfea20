import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AnyOperation } from '../../base/operation.ts';
import { PROBLEM_SCHEMA } from '../../base/problem-schema.ts';
import type { Context } from '../../identity/context.ts';

/** Serves `/api/openapi.json`, made from the operations themselves, and `/api/docs` for people. */
export function bindOpenApi(
  app: FastifyInstance,
  operations: AnyOperation<Context>[],
  version: string,
): void {
  const document = openApiDocument(operations, version);
  app.get('/api/openapi.json', (_request, reply) => reply.send(document));
  app.get('/api/docs', (_request, reply) => reply.type('text/html').send(documentPage(operations)));
}

/** The operations as an OpenAPI 3.1 document. */
export function openApiDocument(operations: AnyOperation<Context>[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = `/api/v1${operation.http.path.replace(/:(\w+)/g, '{$1}')}`;
    (paths[path] ??= {})[operation.http.method.toLowerCase()] = describeOperation(operation);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Crossdock', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

function describeOperation(operation: AnyOperation<Context>): Record<string, unknown> {
  const input = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as JsonObject;
  const properties = (input['properties'] ?? {}) as Record<string, JsonObject>;
  const inPath = [...operation.http.path.matchAll(/:(\w+)/g)].map((match) => match[1] as string);
  const others = Object.keys(properties).filter((name) => !inPath.includes(name));
  const required = (input['required'] ?? []) as string[];
  const parameter = (place: string) => (name: string) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name] ?? { type: 'string' },
  });
  const isGet = operation.http.method === 'GET';
  return {
    operationId: operation.name,
    summary: operation.summary,
    tags: [operation.name.split('.')[0]],
    ...(operation.scope === 'anyone' ? { security: [] } : {}),
    parameters: [...inPath.map(parameter('path')), ...(isGet ? others.map(parameter('query')) : [])],
    ...(isGet || others.length === 0 ? {} : { requestBody: bodyOf(input, others) }),
    responses: {
      200: { description: 'ok', content: { 'application/json': { schema: outputOf(operation) } } },
      default: {
        description: 'refused or failed',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

type JsonObject = Record<string, unknown>;

function bodyOf(input: JsonObject, names: string[]) {
  const { properties, required, additionalProperties } = input as {
    properties: Record<string, JsonObject>;
    required?: string[];
    additionalProperties?: unknown;
  };
  const schema = {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, properties[name]])),
    required: (required ?? []).filter((name) => names.includes(name)),
    ...(additionalProperties === undefined ? {} : { additionalProperties }),
  };
  return { required: true, content: { 'application/json': { schema } } };
}

function outputOf(operation: AnyOperation<Context>): unknown {
  return z.toJSONSchema(operation.output, { io: 'output', unrepresentable: 'any' });
}

function documentPage(operations: AnyOperation<Context>[]): string {
  const rows = operations
    .map(({ name, summary, http, scope }) =>
      [`${http.method} /api/v1${http.path}`, name, scope, summary]
        .map((cell) => `<td>${escapeHtml(cell)}</td>`)
        .join(''),
    )
    .map((cells) => `<tr>${cells}</tr>`)
    .join('\n');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Crossdock API</title>
<h1>Crossdock API</h1><p>Machine-readable: <a href="/api/openapi.json">OpenAPI 3.1</a>. Send <code>Authorization: Bearer TOKEN</code>.</p>
<table><thead><tr><th>Address<th>Operation<th>Scope<th>What it does</thead><tbody>
${rows}
</tbody></table></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
