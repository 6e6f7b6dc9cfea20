import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { requestAccess } from '../api.ts';
import type { Product } from '../api-types.ts';
import { forgetAccess } from '../cache.ts';
import { Button } from '../parts/button.tsx';
import { useDomainTitle } from '../parts/domain-name.tsx';
import { Field, Optional, Select, TextArea, TextInput } from '../parts/field.tsx';
import { ErrorNotice, problemAt } from '../parts/notice.tsx';

interface Asked {
  domain: string;
  purpose: string;
  until: string;
}

/** Asks for a product on behalf of one of my domains. */
export function RequestForm({ product, onDone }: { product: Product; onDone: () => void }) {
  const domains = product.myDomains.filter(({ access }) => access !== 'own').map(({ domain }) => domain);
  const [asked, setAsked] = useState<Asked>({ domain: domains[0] ?? '', purpose: '', until: '' });
  const titleOf = useDomainTitle();
  const ask = useMutation({
    mutationFn: ({ domain, purpose, until }: Asked) =>
      requestAccess({
        domain,
        product: `${product.domain}.${product.name}`,
        purpose: purpose.trim(),
        ...(until && { until }),
      }),
    onSuccess: async () => {
      await forgetAccess();
      onDone();
    },
  });
  return (
    <form
      aria-label="Request access"
      className="space-y-3 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate(asked);
      }}
    >
      <RequestFields
        domains={domains}
        asked={asked}
        onChange={(part) => setAsked({ ...asked, ...part })}
        error={ask.error}
      />
      {ask.isError && <ErrorNotice error={ask.error} />}
      <Button
        type="submit"
        look="primary"
        className="w-full"
        busy={ask.isPending}
        disabled={asked.purpose.trim() === ''}
      >
        Request for {titleOf(asked.domain)}
      </Button>
    </form>
  );
}

interface RequestFieldsProps {
  domains: string[];
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
  error: unknown;
}

function RequestFields({ domains, asked, onChange, error }: RequestFieldsProps) {
  const titleOf = useDomainTitle();
  return (
    <>
      {domains.length > 1 && (
        <Field label="For the domain">
          {(ids) => (
            <Select
              {...ids}
              value={asked.domain}
              onChange={(event) => onChange({ domain: event.target.value })}
            >
              {domains.map((name) => (
                <option key={name} value={name}>
                  {titleOf(name)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <Field
        label="Purpose"
        hint="What you will do with it. The steward decides by this."
        problem={problemAt(error, '/purpose')}
      >
        {(ids) => (
          <TextArea
            {...ids}
            required
            rows={3}
            value={asked.purpose}
            onChange={(event) => onChange({ purpose: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={
          <>
            Until <Optional />
          </>
        }
        problem={problemAt(error, '/until')}
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="date"
            value={asked.until}
            onChange={(event) => onChange({ until: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}
