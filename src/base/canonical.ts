import { createHash } from 'node:crypto';

/** JSON with object keys in code-unit order and `undefined` left out (RFC 8785 for the values we use). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
    const record = item as Record<string, unknown>;
    return Object.fromEntries(
      Object.keys(record)
        .sort()
        .map((key) => [key, record[key]]),
    );
  });
}

/** SHA-256 in lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** One hash for one meaning: equal values give equal hashes whatever their key order. */
export function contentHash(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
