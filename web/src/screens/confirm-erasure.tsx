import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useRef } from 'react';
import { startErasure } from '../api.ts';
import { cache } from '../cache.ts';
import { announced, type Erasure, placeOf } from '../erasures.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNotice, problemAt } from '../parts/notice.tsx';
import { SubjectField, takeSubject } from './subject-field.tsx';

const route = getRouteApi('/erasures');

interface ConfirmErasureProps {
  dryRun: Erasure;
  onClose: () => void;
}

/** What will happen, and the value once more: the dry run did not keep it, and it has to be the same one. */
export function ConfirmErasure({ dryRun, onClose }: ConfirmErasureProps) {
  const navigate = route.useNavigate();
  const value = useRef<HTMLInputElement>(null);
  const { id, target, subject, reason } = dryRun;
  const erase = useMutation({
    mutationFn: () =>
      startErasure({
        ...{ ...placeOf(dryRun), kind: subject, reason, dryRun: false, sameAs: id },
        subject: takeSubject(value),
      }),
    onSuccess: async (started) => {
      onClose();
      await cache.invalidateQueries({ queryKey: ['erasures'] });
      await navigate({ search: { erasure: started.id } });
    },
  });
  return (
    <Dialog title={`Erase a ${subject} from ${target}`} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          erase.mutate();
        }}
      >
        <ul className="list-disc space-y-1 pl-5 text-ink-soft">
          {announced(dryRun).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <p className="font-medium">Once it has begun to erase it cannot be undone.</p>
        <SubjectField
          input={value}
          hint="Once more, as for the dry run: it was not kept. Another person is refused."
          problem={problemAt(erase.error, '/subject')}
        />
        {erase.isError && <ErrorNotice error={erase.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" busy={erase.isPending}>
            Erase for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
