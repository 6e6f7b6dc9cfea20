import type { FastifyRequest } from 'fastify';
import type { Parts } from '../../identity/context.ts';

/**
 * Addresses in the issuer's answers come from the operator's setting, never from headers of whoever asks;
 * and it gets none of our cookies, nor sessions of its own: each authorization is agreed to anew.
 */
export function prepare(parts: Parts, { raw }: FastifyRequest): void {
  for (const name of ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-for', 'forwarded'])
    delete raw.headers[name];
  const { publicUrl } = parts.settings;
  if (publicUrl !== null) {
    const { host, protocol } = new URL(publicUrl);
    raw.headers['x-forwarded-host'] = host;
    raw.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  }
  const cookies = (raw.headers.cookie ?? '').split(/; */).filter((one) => /^_interaction/.test(one));
  if (cookies.length === 0) delete raw.headers.cookie;
  else raw.headers.cookie = cookies.join('; ');
}
