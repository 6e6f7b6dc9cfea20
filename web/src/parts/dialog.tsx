import { X } from 'lucide-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { Button } from './button.tsx';

interface DialogProps {
  title: string;
  onClose: () => void;
  /** Shows what cannot be seen again: a click beside it does not close it. */
  keepOpen?: boolean;
  children: ReactNode;
}

/** A modal question on the browser's own dialog: it traps focus, closes on Escape and gives focus back. */
export function Dialog({ title, onClose, keepOpen = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('textarea, input, select')?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => !keepOpen && event.target === event.currentTarget && onClose()}
      className="m-auto w-[min(30rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface p-0 text-ink shadow-lift"
    >
      <div className="flex items-center justify-between border-b border-line py-2.5 pr-2.5 pl-4">
        <h2 id={titleId} className="text-base">
          {title}
        </h2>
        <Button look="quiet" size="icon" aria-label="Close" onClick={onClose}>
          <X aria-hidden="true" />
        </Button>
      </div>
      <div className="p-4">{children}</div>
    </dialog>
  );
}
