export type YamlTokenKind = 'key' | 'text' | 'value' | 'comment' | 'plain';

export interface YamlToken {
  kind: YamlTokenKind;
  text: string;
}

const LINE = /^(\s*(?:- )*)((?:"[^"]*"|'[^']*'|[^\s#:'"[\]{}][^:#]*?)(?=:(?:\s|$)))?(.*)$/;

/** Splits one line of YAML for colouring; the tokens joined are the line again. */
export function yamlTokens(line: string): YamlToken[] {
  const [, indent = '', key = '', rest = ''] = LINE.exec(line) ?? [];
  const comment = /(^|\s)#.*$/.exec(rest);
  const [, colon = '', value = ''] =
    /^(:?\s*)(.*)$/.exec(comment ? rest.slice(0, comment.index) : rest) ?? [];
  const tokens: YamlToken[] = [
    { kind: 'plain', text: indent },
    { kind: 'key', text: key },
    { kind: 'plain', text: colon },
    { kind: valueKind(value), text: value },
    { kind: 'comment', text: comment?.[0] ?? '' },
  ];
  return tokens.filter(({ text }) => text !== '');
}

function valueKind(value: string): YamlTokenKind {
  return /^(-?[\d.]+|true|false|null|~)\s*$/.test(value) ? 'value' : 'text';
}
