/**
 * Every refusal the mesh can give: HTTP status, public sentence with `{facts}`, and what to do.
 * `docs/errors.md` is compared with this table by a test; write it with `npm run docs:errors`.
 */
export const ERRORS = {
  internal: {
    status: 500,
    message: 'something went wrong on our side',
    fix: 'Try again; if it stays, give the request id to the operator, who finds the cause in the log.',
  },
  'input.invalid': {
    status: 400,
    message: 'the request is not valid',
    fix: 'Correct the named fields and send it again.',
  },
  'input.too-large': {
    status: 413,
    message: '{what} is larger than the limit of {limit}',
    fix: 'Send less, or ask the operator to raise the limit.',
  },
  'not-found': {
    status: 404,
    message: '{what} was not found',
    fix: 'Check the name; `crossdock search` lists what you may discover.',
  },
  conflict: {
    status: 409,
    message: '{what} has changed in the meantime',
    fix: 'Read it again and repeat the change.',
  },
  'auth.missing': {
    status: 401,
    message: 'a token is needed',
    fix: 'Run `crossdock login`, or send `Authorization: Bearer <token>`.',
  },
  'auth.invalid': {
    status: 401,
    message: 'the token is unknown, expired or revoked',
    fix: 'Create a new token with `crossdock token create` or ask your domain owner for one.',
  },
  'auth.forbidden': {
    status: 403,
    message: 'you may not {action} {what}',
    fix: 'Ask an owner of {owner} to do it, or to give you a role that may.',
  },
  'auth.scope': {
    status: 403,
    message: 'this token does not carry the scope {scope}',
    fix: 'Create a token with that scope.',
  },
  'auth.cross-site': {
    status: 403,
    message: 'a browser sent this change from another site',
    fix: 'Open the mesh in its own window and repeat the change there.',
  },
  'limit.rate': {
    status: 429,
    message: 'too many requests',
    fix: 'Wait {seconds} seconds and try again.',
  },
  'server.busy': {
    status: 503,
    message: 'the server is busy',
    fix: 'Try again in a moment.',
  },
  'config.invalid': {
    status: 500,
    message: 'the configuration is not valid',
    fix: 'Correct every variable named and start again.',
  },
  'store.locked': {
    status: 500,
    message: 'the data folder {folder} is in use by process {pid}',
    fix: 'Stop that process, or start with another --data folder.',
  },
  'store.newer': {
    status: 500,
    message: 'the database was written by a newer version of Crossdock',
    fix: 'Start the newer version, or restore a backup made by this one.',
  },
} as const satisfies Record<string, ErrorEntry>;

export interface ErrorEntry {
  status: number;
  message: string;
  fix: string;
}

export type ErrorCode = keyof typeof ERRORS;
