import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { LIMITS } from '../../base/limits.ts';
import { isPublicAddress, type Network } from '../../base/public-address.ts';

/** Asks for the addresses of a name, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface Posting {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** Private networks that may be reached all the same. */
  networks: readonly Network[];
  signal: AbortSignal;
  /** Default: the system's. */
  resolve?: Resolve;
}

/** What became of it: an answer with its status, or the reason why there is none. */
export type Posted = { status: number; answer: string } | { error: string };

/**
 * Sends one request and reads the beginning of the answer. Redirects are answers like others: whom an
 * endpoint points at was never checked. Never throws.
 */
export async function post(posting: Posting): Promise<Posted> {
  const timeout = AbortSignal.timeout(LIMITS.webhookMs);
  try {
    const response = await send({ ...posting, signal: AbortSignal.any([posting.signal, timeout]) });
    return { status: response.statusCode ?? 0, answer: await beginning(response) };
  } catch (error) {
    if (timeout.aborted) return { error: `no answer within ${LIMITS.webhookMs / 1000} seconds` };
    return { error: wordFor(error as NodeJS.ErrnoException) };
  }
}

function send({ url, headers, body, networks, signal, resolve: names }: Posting): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A look-up is made for names only.
  if (isIP(host) !== 0 && !isPublicAddress(host, networks)) return Promise.reject(new PrivateAddress());
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    lookup: publicLookup(networks, names),
    // No connection is kept: the next request checks its address again.
    agent: false,
    maxHeaderSize: 16 * 1024,
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

class PrivateAddress extends TypeError {
  readonly code = 'PRIVATE';
}

/**
 * Resolves a name for the connection that is about to be made, and refuses it if any of its addresses is
 * private: what is checked is what is connected to, so a name that changes its mind gains nothing.
 */
export function publicLookup(networks: readonly Network[], resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const none = error === null && addresses.length === 0;
      const refused = error ?? (none || !allPublic(addresses, networks) ? new PrivateAddress() : null);
      if (refused !== null) return callback(refused, '', 0);
      const [first] = addresses;
      if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

function allPublic(addresses: LookupAddress[], networks: readonly Network[]): boolean {
  return addresses.every(({ address }) => isPublicAddress(address, networks));
}

/** Enough of an answer to see what the endpoint disliked; the rest is not read. */
async function beginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= LIMITS.webhookAnswerBytes) break;
  }
  response.destroy();
  const text = Buffer.concat(chunks).subarray(0, LIMITS.webhookAnswerBytes).toString('utf8');
  // PostgreSQL takes no NUL, a terminal no escape sequences.
  return text.replace(/[\p{Cc}\uFFFD]+/gu, ' ').trim();
}

const WORDS: Record<string, string> = {
  PRIVATE: 'the address is private: endpoints must be on public addresses',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name cannot be resolved now',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was broken off',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'nobody answers there',
};

/** A word for the log of deliveries; TLS errors are named by their code (`CERT_HAS_EXPIRED`). */
function wordFor({ code }: NodeJS.ErrnoException): string {
  return code === undefined ? 'the request failed' : (WORDS[code] ?? code);
}
