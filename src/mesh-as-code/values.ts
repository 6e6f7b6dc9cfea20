/** What something was and what it becomes, as far as those who read of it may see it; null where there is none. */
export interface Values {
  from: unknown;
  to: unknown;
}

interface Ruling {
  declared: object | null;
  stored: object | null;
}

/** Of a policy its text, of a restriction its rule. */
export function valuesOf({ declared, stored }: Ruling): Values {
  return { from: valueOf(stored), to: valueOf(declared) };
}

function valueOf(one: object | null): unknown {
  if (one === null) return null;
  if ('text' in one) return one.text;
  return 'document' in one ? one.document : one;
}
