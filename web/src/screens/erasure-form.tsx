import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { startErasure } from '../api.ts';
import type { Me, Product } from '../api-types.ts';
import { cache } from '../cache.ts';
import { Button } from '../parts/button.tsx';
import { Field, Select, TextInput } from '../parts/field.tsx';
import { ErrorNotice, Loading, problemAt } from '../parts/notice.tsx';
import { Card, Section } from '../parts/page.tsx';
import { productQuery, productsQuery } from '../queries.ts';
import { SubjectField, takeSubject } from './subject-field.tsx';

const route = getRouteApi('/erasures');

/** Chooses the product; the rest of the question depends on what its contracts mark. */
export function ErasureForm({ me, product }: { me: Me; product: string | undefined }) {
  const products = useQuery(productsQuery);
  const navigate = route.useNavigate();
  const domains = me.domains.filter(({ role }) => role === 'owner' || role === 'steward');
  const own = (products.data?.products ?? [])
    .filter(({ domain }) => domains.some(({ name }) => name === domain))
    .map(({ domain, name, title }) => ({ address: `${domain}.${name}`, title }));
  const isKnown = product === undefined || own.some(({ address }) => address === product);
  const choices = isKnown ? own : [...own, { address: product, title: product }];
  return (
    <Section title="Erase a data subject">
      <Card className="max-w-2xl space-y-4">
        <Field label="From the product">
          {(ids) => (
            <Select
              {...ids}
              value={product ?? ''}
              onChange={({ target }) =>
                void navigate({ search: { product: target.value || undefined }, replace: true })
              }
            >
              <option value="">choose one of your products</option>
              {choices.map(({ address, title }) => (
                <option key={address} value={address}>
                  {title} ({address})
                </option>
              ))}
            </Select>
          )}
        </Field>
        {products.isError && <ErrorNotice error={products.error} retry={() => void products.refetch()} />}
        {product !== undefined && <OfProduct key={product} address={product} />}
      </Card>
    </Section>
  );
}

function OfProduct({ address }: { address: string }) {
  const [domain = '', name = ''] = address.split('.');
  const product = useQuery(productQuery(domain, name));
  if (product.isPending) return <Loading label="Reading the product" lines={2} />;
  if (product.isError) {
    return <ErrorNotice error={product.error} retry={() => void product.refetch()} />;
  }
  if (product.data.erasable.length === 0) {
    return (
      <p className="text-ink-soft">
        Nobody can be erased from it by you: its contracts mark no column as the key of a data subject (
        <code className="font-mono text-sm">subjectKey</code>), or a policy forbids it. If it is derived from
        another product, erase the person there; the erasure follows to here.
      </p>
    );
  }
  return <Question product={product.data} address={address} />;
}

/** The value of the subject stays in its field until it is sent, and nowhere else. */
function Question({ product, address }: { product: Product; address: string }) {
  const navigate = route.useNavigate();
  const value = useRef<HTMLInputElement>(null);
  const [dataset, setDataset] = useState('');
  const [kind, setKind] = useState(product.erasable[0] ?? '');
  const [reason, setReason] = useState('');
  const tryIt = useMutation({
    mutationFn: () =>
      startErasure({
        ...{ product: address, kind, reason: reason.trim(), dryRun: true },
        ...(dataset !== '' && { dataset }),
        subject: takeSubject(value),
      }),
    onSuccess: async ({ id }) => {
      await cache.invalidateQueries({ queryKey: ['erasures'] });
      await navigate({ search: { erasure: id } });
    },
  });
  return (
    <form
      aria-label="Erase a data subject"
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        tryIt.mutate();
      }}
    >
      <Choice
        label="Datasets"
        value={dataset}
        options={[['', 'all of them'], ...product.datasets.map(({ name }) => [name, name] as const)]}
        onChange={setDataset}
      />
      <Choice
        label="Kind of subject"
        value={kind}
        options={product.erasable.map((name) => [name, name] as const)}
        onChange={setKind}
      />
      <SubjectField input={value} problem={problemAt(tryIt.error, '/subject')} />
      <ReasonField reason={reason} onChange={setReason} problem={problemAt(tryIt.error, '/reason')} />
      {tryIt.isError && <ErrorNotice error={tryIt.error} />}
      <div className="flex flex-wrap items-center justify-end gap-3">
        <p className="mr-auto text-sm text-ink-faint">First a dry run: it counts, and changes nothing.</p>
        <Button type="submit" look="primary" busy={tryIt.isPending} disabled={reason.trim() === ''}>
          Start the dry run
        </Button>
      </div>
    </form>
  );
}

interface ReasonFieldProps {
  reason: string;
  onChange: (reason: string) => void;
  problem: string | undefined;
}

function ReasonField({ reason, onChange, problem }: ReasonFieldProps) {
  return (
    <Field label="Reason" hint="It is kept: name the case, not the person." problem={problem}>
      {(ids) => (
        <TextInput
          {...ids}
          required
          maxLength={500}
          autoComplete="off"
          value={reason}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}

/** Nothing where there is nothing to choose. */
function Choice({ label, value, options, onChange }: ChoiceProps) {
  if (options.filter(([name]) => name !== '').length < 2) return null;
  return (
    <Field label={label}>
      {(ids) => (
        <Select {...ids} value={value} onChange={({ target }) => onChange(target.value)}>
          {options.map(([name, text]) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
