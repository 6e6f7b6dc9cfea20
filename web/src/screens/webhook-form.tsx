import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { createWebhook } from '../api.ts';
import { cache } from '../cache.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, Optional, TextInput } from '../parts/field.tsx';
import { ErrorNotice, problemAt } from '../parts/notice.tsx';
import { inboxKindsQuery, webhooksQuery } from '../queries.ts';

/** Adds an endpoint, and then shows its secret, which nobody will see again. */
export function WebhookForm({ domain, onClose }: { domain: string; onClose: () => void }) {
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [types, setTypes] = useState<string[]>([]);
  const [products, setProducts] = useState('');
  const create = useMutation({
    mutationFn: () =>
      createWebhook(domain, {
        url: url.trim(),
        description: description.trim(),
        types,
        products: products.split(/[\s,]+/).filter((name) => name !== ''),
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: webhooksQuery(domain).queryKey }),
  });
  if (create.data) return <Secret secret={create.data.secret} onClose={onClose} />;
  return (
    <Dialog title="Add an endpoint" onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Line
          label="Address"
          required
          hint="https://…, on a public address"
          problem={problemAt(create.error, '/url')}
          value={url}
          onChange={setUrl}
        />
        <Line label="What it is for" value={description} onChange={setDescription} />
        <Line
          label="Only these products"
          hint="DOMAIN.PRODUCT, several with commas; without any all of them"
          problem={problemAt(create.error, '/products')}
          value={products}
          onChange={setProducts}
        />
        <EventTypes chosen={types} onChange={setTypes} />
        {create.isError && <ErrorNotice error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending} disabled={url.trim() === ''}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface LineProps {
  label: string;
  required?: boolean;
  hint?: string;
  problem?: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

/** A line of text with its label; one that may stay empty says so. */
function Line({ label, required = false, hint, problem, value, onChange }: LineProps) {
  const name = required ? (
    label
  ) : (
    <>
      {label} <Optional />
    </>
  );
  return (
    <Field label={name} hint={hint} problem={problem}>
      {(ids) => (
        <TextInput
          {...ids}
          required={required}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function EventTypes({ chosen, onChange }: { chosen: string[]; onChange: (types: string[]) => void }) {
  const kinds = useQuery(inboxKindsQuery);
  return (
    <details>
      <summary className="w-fit cursor-pointer rounded-sm text-sm font-medium">
        Only some kinds of events{' '}
        <span className="font-normal text-ink-faint">{chosen.length === 0 ? 'all' : chosen.length}</span>
      </summary>
      <ul className="mt-2 max-h-52 space-y-1 overflow-y-auto">
        {(kinds.data ?? []).map(({ type }) => (
          <li key={type}>
            <label className="flex items-center gap-2 font-mono text-sm">
              <input
                type="checkbox"
                checked={chosen.includes(type)}
                onChange={({ target }) =>
                  onChange(target.checked ? [...chosen, type] : chosen.filter((one) => one !== type))
                }
              />
              {type}
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog title="The secret of the endpoint" onClose={onClose} keepOpen>
      <div className="space-y-4">
        <p className="text-ink-soft">
          It signs every message, so that the receiver knows who sent it. It is shown only now: give it to the
          receiver and keep it nowhere else.
        </p>
        <p className="flex items-center gap-1.5 rounded-md bg-sunken py-1 pr-1 pl-2.5">
          <code className="min-w-0 flex-1 font-mono text-sm break-all">{secret}</code>
          <CopyButton text={secret} label="Copy the secret" />
        </p>
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            I have kept it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
