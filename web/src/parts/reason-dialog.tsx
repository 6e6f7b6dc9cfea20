import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Field, TextArea } from './field.tsx';
import { ErrorNotice, problemAt } from './notice.tsx';

interface ReasonDialogProps {
  title: string;
  /** What will happen, before the question for the reason. */
  children: ReactNode;
  action: string;
  /** What the reason is called here. */
  label?: string;
  hint?: string;
  /** What is asked beside the reason. */
  more?: (error: unknown) => ReactNode;
  submit: (reason: string) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}

/** What is not done lightly: it always asks for the reason that the others will read. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { title, children, action, label = 'Reason', hint, more, submit, onDone, onClose } = props;
  const [reason, setReason] = useState('');
  const change = useMutation({ mutationFn: submit, onSuccess: onDone });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(reason.trim());
        }}
      >
        <div className="text-ink-soft">{children}</div>
        <Field label={label} hint={hint} problem={problemAt(change.error, '/reason')}>
          {(ids) => (
            <TextArea
              {...ids}
              required
              rows={3}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {more?.(change.error)}
        {change.isError && <ErrorNotice error={change.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" busy={change.isPending} disabled={reason.trim() === ''}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
