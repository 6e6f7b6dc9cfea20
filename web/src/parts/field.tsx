import type { ComponentProps, ReactNode } from 'react';
import { useId } from 'react';
import { cn } from './class-names.ts';

const controlStyle =
  'w-full rounded-md border border-edge bg-surface px-2.5 text-base text-ink placeholder:text-ink-faint hover:border-ink-soft focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 disabled:opacity-50 aria-invalid:border-bad';

export const TextInput = ({ className, ...rest }: ComponentProps<'input'>) => (
  <input className={cn(controlStyle, 'h-8', className)} {...rest} />
);

export const TextArea = ({ className, ...rest }: ComponentProps<'textarea'>) => (
  <textarea className={cn(controlStyle, 'min-h-16 py-1.5', className)} {...rest} />
);

export const Select = ({ className, ...rest }: ComponentProps<'select'>) => (
  <select className={cn(controlStyle, 'h-8 pr-1.5', className)} {...rest} />
);

/** What a control needs to be tied to its label, hint and problem. */
export interface FieldIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string | undefined;
  className?: string;
  children: (ids: FieldIds) => ReactNode;
}

export function Field({ label, hint, problem, className, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div className={cn('space-y-1', className)}>
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': problem ? true : undefined,
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-ink-faint">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className="text-xs text-bad">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Marks a label as one that may stay empty. */
export const Optional = () => <span className="font-normal text-ink-faint">optional</span>;
