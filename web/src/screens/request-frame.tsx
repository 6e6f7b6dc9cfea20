import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { forgetAccess } from '../cache.ts';
import { Button } from '../parts/button.tsx';
import { cn } from '../parts/class-names.ts';
import { useDomainTitle } from '../parts/domain-name.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import type { RequestInput } from '../subscription-types.ts';
import { askedBody, nothingAsked, RequestFields } from './request-fields.tsx';

interface RequestFrameProps {
  label: string;
  /** `domain.product` of each product asked for. */
  products: string[];
  /** My domains that may ask. */
  domains: string[];
  /** What the button says before `for DOMAIN`. */
  action: string;
  send: (input: RequestInput) => Promise<unknown>;
  onDone: () => void | Promise<void>;
  className?: string;
  buttonClassName?: string;
  /** What else can be done with them. */
  children?: ReactNode;
}

/** Asks for one product or several on behalf of one of my domains. */
export function RequestFrame(props: RequestFrameProps) {
  const { label, products, domains, action, send, onDone, className, buttonClassName, children } = props;
  const [asked, setAsked] = useState(() => nothingAsked(domains[0] ?? ''));
  const titleOf = useDomainTitle();
  const ask = useMutation({
    mutationFn: () => send(askedBody(asked)),
    onSuccess: async () => {
      await forgetAccess();
      await onDone();
    },
  });
  return (
    <form
      aria-label={label}
      className={cn('space-y-3', className)}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <RequestFields
        products={products}
        domains={domains}
        asked={asked}
        onChange={(part) => setAsked((before) => ({ ...before, ...part }))}
        error={ask.error}
      />
      {ask.isError && <ErrorNotice error={ask.error} />}
      <Button
        type="submit"
        look="primary"
        className={buttonClassName}
        busy={ask.isPending}
        disabled={asked.purpose.trim() === '' || asked.domain === ''}
      >
        {action} for {titleOf(asked.domain)}
      </Button>
      {children}
    </form>
  );
}
