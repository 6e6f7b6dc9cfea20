/** Keys with values: of a key any of its values fits, and every key has to fit. */
export type TagExpression = Record<string, string[]>;

export type ReadExpression = { expression: TagExpression } | { problem: string };

/** Reads `classification:public|internal and layer:core`; a word alone is a key with the value `true`. */
export function readTagExpression(text: string): ReadExpression {
  const keys = new Map<string, string[]>();
  for (const part of text.trim() === '' ? [] : text.trim().split(/\s+and\s+/i)) {
    const colon = part.indexOf(':');
    const key = (colon < 0 ? part : part.slice(0, colon)).trim();
    const values =
      colon < 0
        ? ['true']
        : part
            .slice(colon + 1)
            .split('|')
            .map((value) => value.trim());
    if (key === '' || values.includes('')) return { problem: `write ${part || 'a tag'} as key:value` };
    if (keys.has(key)) return { problem: `write the values of ${key} once: ${key}:value|value` };
    keys.set(key, [...new Set(values)]);
  }
  return { expression: Object.fromEntries(keys) };
}

export function printTagExpression(expression: TagExpression): string {
  return Object.entries(expression)
    .map(([key, values]) => `${key}:${values.join('|')}`)
    .join(' and ');
}

/** The text with this value of this key in it, or without it; what cannot be read stays as it is. */
export function toggleTag(text: string, { key, value }: { key: string; value: string }): string {
  const read = readTagExpression(text);
  if ('problem' in read) return text;
  const keys = new Map(Object.entries(read.expression));
  const values = keys.get(key) ?? [];
  const left = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  if (left.length === 0) keys.delete(key);
  else keys.set(key, left);
  return printTagExpression(Object.fromEntries(keys));
}

/** Whether a column is so tagged; its parts, where it has some, are asked one by one. */
export const fitsTags = (tags: Record<string, string>, expression: TagExpression): boolean =>
  Object.entries(expression).every(
    ([key, values]) => Object.hasOwn(tags, key) && values.includes(tags[key] ?? ''),
  );
