import { Fragment } from 'react';
import { cn } from './class-names.ts';

/** Plain text with `code` in backticks: what the API's sentences and descriptions use. */
export function Inline({ text }: { text: string }) {
  return text.split(/`([^`]+)`/).map((part, index) =>
    index % 2 === 0 ? (
      <Fragment key={index}>{part}</Fragment>
    ) : (
      <code key={index} className="rounded-sm bg-sunken px-1 py-0.5 font-mono text-[0.92em] break-words">
        {part}
      </code>
    ),
  );
}

/** Paragraphs separated by empty lines. */
export function Prose({ text, className }: { text: string; className?: string }) {
  return (
    <div className={cn('max-w-prose space-y-2 text-ink-soft', className)}>
      {text
        .trim()
        .split(/\n\s*\n/)
        .map((paragraph, index) => (
          <p key={index}>
            <Inline text={paragraph} />
          </p>
        ))}
    </div>
  );
}
