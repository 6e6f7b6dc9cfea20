/** Tokens of RFC 8259 §2: structural characters, strings, numbers, words. */
const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/**
 * Offset of the first character at which a text stops being one JSON value; null when it is one.
 * `JSON.parse` does not always name the place. Without recursion, so that no nesting can exhaust the stack.
 */
export function faultPosition(text: string): number | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let position = 0;
  while (expected !== 'nothing') {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(text);
    if (match === null) return skipBlanks(text, position);
    const [whole, sign, string] = match;
    const next = step({ expected, open, sign, isString: string !== undefined });
    if (next === null) return skipBlanks(text, position);
    expected = next;
    position += whole.length;
  }
  const end = skipBlanks(text, position);
  return end === text.length ? null : end;
}

interface Step {
  expected: Expected;
  open: ('{' | '[')[];
  sign: string | undefined;
  isString: boolean;
}

/** What may follow the token; null when it may not stand here. */
function step({ expected, open, sign, isString }: Step): Expected | null {
  const after = (): Expected => (open.length === 0 ? 'nothing' : 'comma-or-end');
  switch (expected) {
    case 'colon':
      return sign === ':' ? 'value' : null;
    case 'key':
    case 'key-or-end':
      if (isString) return 'colon';
      return expected === 'key-or-end' && sign === '}' && open.pop() ? after() : null;
    case 'comma-or-end': {
      const top = open.at(-1);
      if (sign === ',') return top === '{' ? 'key' : 'value';
      if (sign !== (top === '{' ? '}' : ']')) return null;
      open.pop();
      return after();
    }
    default:
      if (sign === ']' && expected === 'value-or-end' && open.pop()) return after();
      if (sign === '{' || sign === '[') {
        open.push(sign);
        return sign === '{' ? 'key-or-end' : 'value-or-end';
      }
      return sign === undefined ? after() : null;
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
  return at;
}
