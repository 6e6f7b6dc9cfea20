import { useMemo, type RefObject } from 'react';
import { sqlTokens, type SqlTokenKind } from '../sql-tokens.ts';
import { cn } from './class-names.ts';

const LOOK: Record<SqlTokenKind, string> = {
  keyword: 'text-accent',
  text: 'text-good',
  name: 'text-ink',
  number: 'text-warn',
  comment: 'text-ink-faint',
  plain: 'text-ink',
};

interface SqlEditorProps {
  value: string;
  onChange: (value: string) => void;
  onRun: () => void;
  field: RefObject<HTMLTextAreaElement | null>;
  /** The line (from 1) an error points at. */
  badLine: number | null;
}

/**
 * A text area over its own coloured copy: selection, undo, spelling tools and screen readers work as in any
 * text area. Tab leaves it, as keyboard users expect.
 */
export function SqlEditor({ value, onChange, onRun, field, badLine }: SqlEditorProps) {
  const tokens = useMemo(() => sqlTokens(value), [value]);
  const lines = value.split('\n').length;
  return (
    <div className="flex h-56 min-h-24 resize-y overflow-auto rounded-t-lg border border-edge bg-surface focus-within:border-accent">
      <div
        aria-hidden="true"
        className="sticky left-0 z-10 h-max min-h-full w-10 shrink-0 border-r border-line bg-surface py-2.5 pr-2 text-right font-mono text-xs leading-5 text-ink-faint select-none"
      >
        {Array.from({ length: lines }, (_, index) => (
          <div key={index} className={cn(index + 1 === badLine && 'bg-bad-soft font-semibold text-bad')}>
            {index + 1}
          </div>
        ))}
      </div>
      <div className="grid h-max min-h-full min-w-0 flex-1 font-mono text-sm leading-5">
        <pre
          aria-hidden="true"
          className="pointer-events-none col-start-1 row-start-1 px-3 py-2.5 font-[inherit]"
        >
          {tokens.map((token, index) => (
            <span key={index} className={LOOK[token.kind]}>
              {token.text}
            </span>
          ))}
          {'\n'}
        </pre>
        <textarea
          ref={field}
          aria-label="SQL"
          aria-keyshortcuts="Control+Enter Meta+Enter"
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          wrap="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            onRun();
          }}
          placeholder="SELECT …"
          className="col-start-1 row-start-1 resize-none overflow-hidden bg-transparent px-3 py-2.5 whitespace-pre text-transparent caret-ink outline-none placeholder:text-ink-faint"
        />
      </div>
    </div>
  );
}
