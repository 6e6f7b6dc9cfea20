import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Standard Webhooks §Signature scheme: 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** A new signing secret, as its owner sees it once. */
export function newSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

export interface SignedMessage {
  id: string;
  /** Seconds since 1970. */
  timestamp: number;
  /** Exactly the bytes that are sent. */
  body: string;
}

/** The value of `webhook-signature`: one signature for each secret, the newest first (Standard Webhooks 1.0.0). */
export function signatureOf({ id, timestamp, body }: SignedMessage, secrets: string[]): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    })
    .join(' ');
}
