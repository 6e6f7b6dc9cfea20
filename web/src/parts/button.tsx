import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { cn } from './class-names.ts';

export const buttonStyle = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-accent text-on-accent not-disabled:hover:bg-accent-strong',
        plain: 'border border-line-strong bg-surface text-ink not-disabled:hover:bg-hover',
        quiet: 'text-ink-soft not-disabled:hover:bg-hover not-disabled:hover:text-ink',
        danger: 'border border-bad/40 bg-surface text-bad not-disabled:hover:bg-bad-soft',
      },
      size: {
        small: 'h-7 px-2 text-sm',
        normal: 'h-8 px-3 text-base',
        icon: 'size-7',
      },
    },
    defaultVariants: { look: 'plain', size: 'normal' },
  },
);

interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonStyle> {
  /** Work is under way: shown in words to screen readers, and a second press does nothing. */
  busy?: boolean;
}

export function Button({ look, size, busy = false, className, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      className={cn(buttonStyle({ look, size }), busy && 'shimmer', className)}
      {...rest}
    />
  );
}
