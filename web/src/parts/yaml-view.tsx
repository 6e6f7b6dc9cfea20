import { yamlTokens, type YamlTokenKind } from '../yaml-tokens.ts';

const LOOK: Record<YamlTokenKind, string> = {
  key: 'text-accent',
  text: 'text-ink',
  value: 'text-good',
  comment: 'text-ink-faint italic',
  plain: 'text-ink-faint',
};

/** A YAML document with line numbers, coloured. */
export function YamlView({ text, label }: { text: string; label: string }) {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="overflow-x-auto rounded-b-lg border border-line bg-surface py-2"
    >
      <pre className="font-mono text-xs leading-5">
        {lines.map((line, index) => (
          <div key={index} className="flex pr-4">
            <span aria-hidden="true" className="w-11 shrink-0 pr-3 text-right text-ink-faint select-none">
              {index + 1}
            </span>
            <code>
              {yamlTokens(line).map((token, place) => (
                <span key={place} className={LOOK[token.kind]}>
                  {token.text}
                </span>
              ))}
              {line === '' && '\n'}
            </code>
          </div>
        ))}
      </pre>
    </div>
  );
}
