import { type DocumentOptions, stringify, type ToStringOptions } from 'yaml';
import { ExactNumber } from './exact-number.ts';

/** Quotes what readers of YAML 1.1 would take for dates, booleans or octal numbers; no line is folded. */
const OPTIONS: DocumentOptions & ToStringOptions = {
  version: '1.2',
  schema: 'core',
  compat: 'yaml-1.1',
  lineWidth: 0,
  aliasDuplicateObjects: false,
} as DocumentOptions & ToStringOptions;

/** `quoted` writes a text of several lines on one; `flow` everything. */
export type YamlStyle = 'block' | 'quoted' | 'flow';

/** Plain values as YAML that reads back as the same values, exact numbers included. */
export function printYaml(value: unknown, style: YamlStyle = 'block'): string {
  const numbers: string[] = [];
  const mark = `number-${crypto.randomUUID()}-`;
  const marked = withoutExactNumbers(value, (text) => `${mark}${numbers.push(text) - 1}.`);
  const printed = stringify(marked, {
    ...OPTIONS,
    collectionStyle: style === 'flow' ? 'flow' : 'any',
    blockQuote: style === 'block',
  });
  return printed.replace(
    new RegExp(`${mark}(\\d+)\\.`, 'g'),
    (_match, index: string) => numbers[Number(index)]!,
  );
}

function withoutExactNumbers(value: unknown, mark: (text: string) => string): unknown {
  if (value instanceof ExactNumber) return mark(value.$number);
  if (Array.isArray(value)) return value.map((item) => withoutExactNumbers(item, mark));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutExactNumbers(item, mark)]),
  );
}
