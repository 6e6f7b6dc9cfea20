import { createHash, randomBytes } from 'node:crypto';

export const TOKEN_PREFIX = 'cdk_';

/** Recognisable in a log or a leaked file (secret scanners look for prefixes). */
const PREFIXES = { token: TOKEN_PREFIX, session: 'cds_', link: 'cdl_' } as const;

/** A new secret: 256 random bits. Shown once, never stored. */
export function newSecret(kind: keyof typeof PREFIXES): string {
  return PREFIXES[kind] + randomBytes(32).toString('base64url');
}

/** What is stored of a secret. It cannot be guessed, so a fast hash is enough; comparing is a look-up by it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
