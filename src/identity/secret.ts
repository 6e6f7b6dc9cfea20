import { createHash, randomBytes } from 'node:crypto';

/** Recognisable in a log or a leaked file (secret scanners look for prefixes). */
const PREFIX = 'cdk_';

/** A new token secret: 256 random bits. Shown once, never stored. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** What is stored of a secret. It cannot be guessed, so a fast hash is enough; comparing is a look-up by it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
