import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { setInboxKind } from '../api.ts';
import { cache } from '../cache.ts';
import { sentence } from '../format.ts';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { inboxKindsQuery } from '../queries.ts';

/** Which kinds of events come in; one that is turned off stays out from then on. */
export function InboxKinds() {
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-8" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit cursor-pointer rounded-sm font-medium">What comes into your inbox</summary>
      {open && <Kinds />}
    </details>
  );
}

function Kinds() {
  const kinds = useQuery(inboxKindsQuery);
  // The box shows at once what was chosen; a refusal takes it back.
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const set = useMutation({
    onError: () => setChosen({}),
    mutationFn: setInboxKind,
    onSuccess: (answer) => cache.setQueryData(inboxKindsQuery.queryKey, answer),
  });
  if (kinds.isPending) return <Loading label="Reading the kinds of events" />;
  if (kinds.isError) return <ErrorNotice error={kinds.error} retry={() => void kinds.refetch()} />;
  return (
    <>
      {set.isError && <ErrorNotice error={set.error} className="mt-3" />}
      <ul className="mt-3 grid gap-x-8 gap-y-2.5 sm:grid-cols-2">
        {kinds.data.map(({ type, meaning, on }) => (
          <li key={type}>
            <label className="flex items-start gap-2">
              <input
                type="checkbox"
                className="mt-1"
                checked={chosen[type] ?? on}
                onChange={({ target }) => {
                  setChosen((before) => ({ ...before, [type]: target.checked }));
                  set.mutate({ type, on: target.checked });
                }}
              />
              <span>
                {sentence(meaning)}
                <span className="block font-mono text-xs text-ink-faint">{type}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </>
  );
}
