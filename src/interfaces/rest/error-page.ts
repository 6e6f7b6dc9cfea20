import type { FastifyInstance } from 'fastify';
import { ERRORS, type ErrorEntry } from '../../base/error-table.ts';

/** Where the `type` of a problem leads (RFC 9457 §3.1.1): every code with its sentence and what to do. */
export function bindErrorPage(app: FastifyInstance): void {
  const page = errorPage();
  app.get('/docs/errors', (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
}

/** The fragment of a code in the address of its type. */
export function errorAnchor(code: string): string {
  return code.replaceAll('.', '-');
}

function errorPage(): string {
  const entries = Object.entries<ErrorEntry>(ERRORS).map(
    ([code, { status, message, fix }]) =>
      `<dt id="${errorAnchor(code)}"><code>${code}</code> (${status})</dt><dd>${plain(message)}<br>${plain(fix)}</dd>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Errors · Crossdock</title>
<meta name="viewport" content="width=device-width"><style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
dt { margin-top: 1.5rem; font-weight: 600 } dt:target { outline: 2px solid; outline-offset: 4px } dd { margin: 0.25rem 0 0 }
</style></head><body><h1>Errors</h1><p>Every refusal has a code, a sentence and what to do.
<code>{names}</code> stand for facts of the case.</p><dl>${entries.join('\n')}</dl></body></html>
`;
}

function plain(sentence: string): string {
  return sentence
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/`([^`]*)`/g, '<code>$1</code>');
}
