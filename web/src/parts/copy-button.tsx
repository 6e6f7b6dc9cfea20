import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';

/** Copies `text`; says so for two seconds, also to screen readers. */
export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = async () => {
    // Browsers offer no clipboard on plain http; then the reader selects and copies.
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setState(done ? 'copied' : 'refused');
    setTimeout(() => setState('idle'), 2_000);
  };
  return (
    <>
      <Button
        look="quiet"
        size="icon"
        aria-label={label}
        title={state === 'refused' ? 'The browser does not allow copying here' : label}
        onClick={() => void copy()}
        className={cn('size-6 [&_svg]:size-3.5', className)}
      >
        {state === 'copied' ? (
          <Check className="text-good" aria-hidden="true" />
        ) : (
          <Copy aria-hidden="true" />
        )}
      </Button>
      <span role="status" className="sr-only">
        {state === 'copied' && 'Copied'}
        {state === 'refused' && 'The browser does not allow copying here'}
      </span>
    </>
  );
}

interface CopyableNameProps {
  /** What kind of name it is, in a word. */
  kind: string;
  text: string;
  /** What is copied, when it is more than what is shown. */
  whole?: string;
}

/** A name that is meant to be pasted elsewhere. */
export function CopyableName({ kind, text, whole = text }: CopyableNameProps) {
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 rounded-sm bg-sunken pl-1.5">
      <span className="text-xs text-ink-faint">{kind}</span>
      <code className="truncate font-mono text-xs">{text}</code>
      <CopyButton text={whole} label={`Copy the ${kind} name ${text}`} />
    </span>
  );
}
