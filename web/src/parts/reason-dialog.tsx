import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Field, TextArea } from './field.tsx';
import { ErrorNotice } from './notice.tsx';

interface ReasonDialogProps {
  title: string;
  /** What will happen, before the question for the reason. */
  children: ReactNode;
  action: string;
  hint: string;
  submit: (reason: string) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}

/** Takes something away from somebody: it always asks for the reason they will read. */
export function ReasonDialog({ title, children, action, hint, submit, onDone, onClose }: ReasonDialogProps) {
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
        <Field label="Reason" hint={hint}>
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
