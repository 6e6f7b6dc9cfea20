import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { ApiError, giveDelegation } from '../api.ts';
import type { Product } from '../api-types.ts';
import { approvalOf, EVERYTHING, type Narrowed, pickableColumns } from '../approval.ts';
import { forgetAccess } from '../cache.ts';
import { sentence } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { NarrowingFields } from '../parts/narrowing-fields.tsx';
import { ErrorNotice, problemAt } from '../parts/notice.tsx';
import { Card } from '../parts/page.tsx';
import { readTagExpression } from '../tag-expression.ts';

interface DelegationFormProps {
  product: Product;
  /** DOMAIN.PRODUCT, with its major where that is not the current one. */
  address: string;
  onClose: () => void;
}

/** Lets somebody approve requests, and says how much at most. */
export function DelegationForm({ product, address, onClose }: DelegationFormProps) {
  const [to, setTo] = useState('');
  const [narrowed, setNarrowed] = useState<Narrowed>(EVERYTHING);
  const columns = useMemo(() => columnsOf(product), [product]);
  const give = useMutation({
    mutationFn: () => giveDelegation({ product: address, to: to.trim(), ...approvalOf(narrowed, columns) }),
    onSuccess: async () => {
      await forgetAccess();
      onClose();
    },
  });
  const isNothing = narrowed.left.size === columns.length || 'problem' in readTagExpression(narrowed.tags);
  return (
    <Card>
      <form
        aria-label="Let somebody approve"
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          give.mutate();
        }}
      >
        <Field
          label="Who"
          hint="An e-mail address, a domain, or a service account as domain/name. Not of the product's own domain."
          problem={holderProblem(give.error)}
        >
          {(ids) => (
            <TextInput
              {...ids}
              required
              autoFocus
              maxLength={320}
              value={to}
              onChange={(event) => setTo(event.target.value)}
            />
          )}
        </Field>
        <p className="text-sm text-ink-soft">What they can give at most, whatever is asked for:</p>
        <NarrowingFields
          columns={columns}
          narrowed={narrowed}
          latest={null}
          onChange={(part) => setNarrowed((before) => ({ ...before, ...part }))}
          error={give.error}
        />
        {give.isError && <ErrorNotice error={give.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={give.isPending} disabled={to.trim() === '' || isNothing}>
            Let them approve
          </Button>
        </div>
      </form>
    </Card>
  );
}

const OF_HOLDER = new Set(['not-found', 'delegation.own-domain', 'delegation.exists']);

function holderProblem(error: unknown): string | undefined {
  if (error instanceof ApiError && OF_HOLDER.has(error.code)) return sentence(error.message);
  return problemAt(error, '/to');
}

/** The page knows the tags of whole columns: of a part of one it says nothing. */
function columnsOf({ datasets }: Product) {
  return pickableColumns(
    datasets.flatMap(({ name: dataset, columns }) =>
      columns.map(({ name, type, classification, personal, effectiveTags }) => ({
        ...{ dataset, name, type, classification, personal },
        tags: [Object.fromEntries(effectiveTags.map(({ key, value }) => [key, value]))],
      })),
    ),
  );
}
