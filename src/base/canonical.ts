import { createHash } from 'node:crypto';

/**
 * JSON with object keys in code-unit order and `undefined` left out (RFC 8785 for the values we use). Written by
 * hand: `JSON.stringify` with a function for each value takes five times as long, and every access plan hashes.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item) ?? 'null').join(',')}]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonicalJson(value.toJSON());
  const record = value as Record<string, unknown>;
  let text = '';
  for (const key of Object.keys(record).sort()) {
    const item: string | undefined = canonicalJson(record[key]);
    if (item !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${item}`;
  }
  return `{${text}}`;
}

/** SHA-256 in lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** One hash for one meaning: equal values give equal hashes whatever their key order. */
export function contentHash(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
