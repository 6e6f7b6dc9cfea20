import type { ErrorEntry } from './data-errors.ts';

/** Refusals of those who sign in, and of what they sign in with. */
export const IDENTITY_ERRORS = {
  'auth.sign-in': {
    status: 401,
    message: 'the address or the password is not right',
    fix: 'Check both; an administrator can make you a link for a new password.',
  },
  'auth.link': {
    status: 401,
    message: 'the link is unknown, used or expired',
    fix: 'Ask an administrator for a new one; a demo prints one at each start.',
  },
  'auth.password-weak': {
    status: 422,
    message: 'the password is too easy to guess: {reason}',
    fix: 'Take a few words that belong together for nobody but you.',
  },
  'auth.password-current': {
    status: 403,
    message: 'the current password is not right',
    fix: 'Check it; `crossdock person password --current` asks for it. An administrator can make you a link for a new one.',
  },
  'auth.agent': {
    status: 403,
    message: 'a program that acts for you may not {action}',
    fix: 'Do it yourself: in the web app, or with a token of your own.',
  },
  'auth.company': {
    status: 401,
    message: 'the company’s sign-in did not say who you are',
    fix: 'Try again; if it stays, give the time to the operator, who finds the cause in the log.',
  },
  'auth.not-admitted': {
    status: 403,
    message: 'your company knows you, this mesh does not',
    fix: 'Ask an owner of your domain to make you a member, or to have your group mapped to it.',
  },
  'auth.company-unreachable': {
    status: 503,
    message: 'the company’s identity provider does not answer',
    fix: 'Try again in a moment; passwords and tokens of the mesh go on counting.',
  },
  'auth.device-code': {
    status: 404,
    message: 'no program waits for this code',
    fix: 'Check it, or start `crossdock login` again: a code counts once, for ten minutes.',
  },
  'auth.consent': {
    status: 404,
    message: 'this sign-in of an application is over, or began in another browser',
    fix: 'Go back to the application and start again.',
  },
  'cli.login-over': {
    status: 400,
    message: 'nobody agreed in time',
    fix: 'Run `crossdock login` again; the code counts for ten minutes.',
  },
  'cli.login-refused': {
    status: 403,
    message: 'the server did not sign you in: {reason}',
    fix: 'Run `crossdock login` again.',
  },
  'cli.no-secret': {
    status: 400,
    message: 'no password was given',
    fix: 'Type it when asked, or pipe it in as a line.',
  },
  'auth.last-administrator': {
    status: 409,
    message: '{person} is the last administrator',
    fix: 'Nobody could run the mesh any more: make another administrator first.',
  },
  'limit.sign-in': {
    status: 429,
    message: 'too many sign-ins have failed',
    fix: 'Wait {seconds} seconds and try again.',
  },
} satisfies Record<string, ErrorEntry>;
