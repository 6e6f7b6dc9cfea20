import { ERRORS } from './error-table.ts';

/** JSON Schema of a refusal as REST and the data API send it. */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457 problem details',
  required: ['type', 'title', 'status', 'code', 'fix', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(ERRORS) },
    detail: { type: 'string' },
    fix: { type: 'string' },
    facts: { type: 'object' },
    problems: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message'],
        properties: {
          message: { type: 'string' },
          place: { type: 'string' },
          pointer: { type: 'string' },
        },
      },
    },
    requestId: { type: 'string' },
  },
};
