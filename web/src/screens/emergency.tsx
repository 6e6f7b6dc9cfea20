import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, elevate, endElevation } from '../api.ts';
import type { Product } from '../api-types.ts';
import { forgetAccess } from '../cache.ts';
import { countOf, formatMoment } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Ago } from '../parts/moment.tsx';
import { ErrorNotice, Loading, problemAt } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { ReasonDialog } from '../parts/reason-dialog.tsx';
import { elevationsQuery } from '../queries.ts';
import type { Elevation } from '../subscription-types.ts';

/** My own emergency reading of a product: to begin one, or the one that counts now. */
export function MyEmergency({ product }: { product: Product }) {
  const [asking, setAsking] = useState(false);
  const { elevation } = product;
  const end = useMutation({ mutationFn: endElevation, onSuccess: forgetAccess });
  if (elevation) {
    return (
      <div className="space-y-2 border-t border-line pt-4">
        <p>
          <Badge tone="bad">emergency</Badge> You read this product until{' '}
          <time dateTime={elevation.until}>{formatMoment(elevation.until)}</time>. Its owner knows.
        </p>
        <Button busy={end.isPending} onClick={() => end.mutate(elevation.id)}>
          End it now
        </Button>
        {end.isError && <ErrorNotice error={end.error} />}
      </div>
    );
  }
  if (!product.may.elevate) return null;
  return (
    <div className="border-t border-line pt-4">
      <Button look="danger" className="w-full" onClick={() => setAsking(true)}>
        Break glass…
      </Button>
      {asking && <BreakGlass product={product} onClose={() => setAsking(false)} />}
    </div>
  );
}

function BreakGlass({ product, onClose }: { product: Product; onClose: () => void }) {
  const [minutes, setMinutes] = useState('15');
  return (
    <ReasonDialog
      title={`Read ${product.title} in an emergency`}
      action="Break glass"
      label="What happened"
      more={(error) => (
        <Field label="Minutes" problem={problemAt(error, '/minutes')}>
          {(ids) => (
            <TextInput
              {...ids}
              type="number"
              required
              min={1}
              value={minutes}
              onChange={(event) => setMinutes(event.target.value)}
            />
          )}
        </Field>
      )}
      submit={(reason) => elevate(product, { reason, minutes: Number(minutes) })}
      onDone={() => {
        onClose();
        void forgetAccess();
      }}
      onClose={onClose}
    >
      The owners and stewards of the product, and whoever answers for personal data, are told at once. Every
      query is marked.
    </ReasonDialog>
  );
}

/** Who read the product in an emergency, for those who answer for it; nothing where nobody ever did. */
export function Emergencies({ product }: { product: Product }) {
  const elevations = useQuery(elevationsQuery(product.domain, product.name));
  const end = useMutation({ mutationFn: endElevation, onSuccess: forgetAccess });
  if (elevations.isPending) return <Loading label="Reading the emergencies" />;
  // Who decides about requests need not answer for the product.
  if (elevations.error instanceof ApiError && elevations.error.status === 403) return null;
  if (elevations.isError) {
    return <ErrorNotice error={elevations.error} retry={() => void elevations.refetch()} />;
  }
  if (elevations.data.length === 0) return null;
  return (
    <Section title="Read in an emergency">
      {end.isError && <ErrorNotice error={end.error} />}
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
        {elevations.data.map((elevation) => (
          <Emergency
            key={elevation.id}
            elevation={elevation}
            busy={end.isPending}
            onEnd={() => end.mutate(elevation.id)}
          />
        ))}
      </ul>
    </Section>
  );
}

interface EmergencyProps {
  elevation: Elevation;
  busy: boolean;
  onEnd: () => void;
}

function Emergency({ elevation, busy, onEnd }: EmergencyProps) {
  const { who, reason, startedAt, until, endedAt, endedBy, queries, rows } = elevation;
  const isLiving = endedAt === null && Date.parse(until) > Date.now();
  return (
    <li className="flex flex-wrap items-start justify-between gap-3 px-4 py-3">
      <div className="min-w-0 space-y-0.5">
        <p className="flex flex-wrap items-center gap-1.5">
          <span className="font-medium">{who}</span>
          {isLiving && <Badge tone="bad">reads now, until {formatMoment(until)}</Badge>}
        </p>
        <p className="break-words">{reason}</p>
        <p className="text-sm text-ink-faint">
          <Ago at={startedAt} />, {countOf(queries, 'query', 'queries')}, {countOf(rows, 'row')}
          {endedAt && endedBy && endedBy !== 'crossdock' && `, ended by ${endedBy}`}
        </p>
      </div>
      {isLiving && (
        <Button
          look="danger"
          size="small"
          busy={busy}
          aria-label={`End the reading of ${who}`}
          onClick={onEnd}
        >
          End it
        </Button>
      )}
    </li>
  );
}
