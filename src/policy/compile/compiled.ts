/**
 * What a door can say of a plan, or every reason why it cannot say exactly that. A refusal is a value and no
 * exception: the door then serves rows that were filtered and masked before.
 */
export type Compiled<T> = { ok: true; value: T } | { ok: false; reasons: string[] };

/** The value, unless something was found that cannot be expressed; each reason once. */
export function compiled<T>(value: T, reasons: string[]): Compiled<T> {
  return reasons.length === 0 ? { ok: true, value } : { ok: false, reasons: [...new Set(reasons)] };
}
