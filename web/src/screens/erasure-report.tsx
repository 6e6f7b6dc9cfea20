import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { cancelErasure } from '../api.ts';
import { cache } from '../cache.ts';
import {
  type ErasedDataset,
  type Erasure,
  isGoingOn,
  mayCancel,
  remainsOf,
  sentenceOf,
} from '../erasures.ts';
import { countOf, formatCount, sentence } from '../format.ts';
import { Badge, StateBadge, type Tone } from '../parts/badge.tsx';
import { Button, buttonStyle } from '../parts/button.tsx';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { Ago } from '../parts/moment.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Card, Section } from '../parts/page.tsx';
import { erasureQuery } from '../queries.ts';
import { ConfirmErasure } from './confirm-erasure.tsx';

/** One erasure: how far it is, what it did or would do, and what remains. */
export function ErasureReport({ id }: { id: string }) {
  const erasure = useQuery(erasureQuery(id));
  return (
    <Section
      title={erasure.data?.dryRun === true ? 'Dry run' : 'Erasure'}
      aside={
        <Link to="/erasures" search={{}} className={buttonStyle({ look: 'quiet', size: 'small' })}>
          Start another one
        </Link>
      }
    >
      {erasure.isPending && <Loading label="Reading the erasure" />}
      {erasure.isError && <ErrorNotice error={erasure.error} retry={() => void erasure.refetch()} />}
      {erasure.data && <Report erasure={erasure.data} />}
    </Section>
  );
}

function Report({ erasure }: { erasure: Erasure }) {
  const [confirming, setConfirming] = useState(false);
  const { state, dryRun, target, subject, reason, requestedBy, requestedAt, error, datasets } = erasure;
  return (
    <div className="space-y-4">
      <Card className="space-y-3">
        <div className="flex flex-wrap items-center gap-2">
          <span className="font-mono font-medium break-all">{target}</span>
          <Badge>{subject}</Badge>
          <StateBadge state={state} />
          {dryRun && <Badge>dry run</Badge>}
          {erasure.lifted && <Badge>lifted</Badge>}
        </div>
        <p role="status">{sentenceOf(erasure)}</p>
        {isGoingOn(erasure) && <Progress erasure={erasure} />}
        {erasure.lifted && (
          <p className="text-sm">
            Lifted by {erasure.lifted.by}, <Ago at={erasure.lifted.at} />: {erasure.lifted.reason}. The
            subject may come in again.
          </p>
        )}
        <p className="text-sm text-ink-faint">
          {reason}; {requestedBy}, <Ago at={requestedAt} />
        </p>
        {error && (
          <p className="text-sm">
            {sentence(error.message)} {error.fix}{' '}
            <span className="font-mono text-xs text-ink-faint">{error.code}</span>
          </p>
        )}
        {state === 'planned' && erasure.keys > 0 && (
          <Button look="danger" onClick={() => setConfirming(true)}>
            Erase for good…
          </Button>
        )}
      </Card>
      <Remains erasure={erasure} />
      {datasets.length > 0 && (
        <DataTable
          stacks
          caption={dryRun ? 'What would become of each dataset' : 'What became of each dataset'}
          columns={columns}
          rows={datasets}
          // Datasets of products that I may not discover share their names.
          rowKey={(one) => String(datasets.indexOf(one))}
        />
      )}
      <Elsewhere erasure={erasure} />
      {confirming && <ConfirmErasure dryRun={erasure} onClose={() => setConfirming(false)} />}
    </div>
  );
}

function Progress({ erasure }: { erasure: Erasure }) {
  const { done, total, phase } = erasure.progress;
  const cancel = useMutation({
    mutationFn: () => cancelErasure(erasure.id),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['erasures'] }),
  });
  return (
    <div className="space-y-2">
      <progress
        aria-label={phase}
        className="w-full max-w-md accent-accent"
        {...(total > 0 && { value: done, max: total })}
      />
      {mayCancel(erasure) && (
        <div>
          <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        </div>
      )}
      {cancel.isError && <ErrorNotice error={cancel.error} />}
    </div>
  );
}

function Remains({ erasure }: { erasure: Erasure }) {
  const remains = remainsOf(erasure);
  if (remains.length === 0) return null;
  return (
    <section className="rounded-lg border border-warn/35 bg-warn-soft px-4 py-3">
      <h3 className="font-medium">{erasure.dryRun ? 'What would remain' : 'What remains'}</h3>
      <ul className="mt-1 list-disc space-y-0.5 pl-5">
        {remains.map((line, index) => (
          <li key={index} className="break-words">
            {line}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Files of sources and the mesh's own records. */
function Elsewhere({ erasure: { sources, records, dryRun } }: { erasure: Erasure }) {
  const rewritten = sources.filter(({ outcome }) => outcome === 'rewritten');
  if (rewritten.length === 0 && records.length === 0) return null;
  return (
    <section className="space-y-1 text-sm">
      <h3 className="font-medium">Beside the tables</h3>
      <ul className="space-y-0.5 text-ink-soft">
        {rewritten.map(({ source, table, file, rows }) => (
          <li key={`${source} ${table} ${file}`} className="break-words">
            source <span className="font-mono">{source}</span>, table {table}
            {file !== null && `, file ${file}`}: {countOf(rows, 'row')} {dryRun ? 'would go' : 'gone'}
          </li>
        ))}
        {records.map(({ place, rows }) => (
          <li key={place}>
            {place}: {countOf(rows, 'row')} cleaned
          </li>
        ))}
      </ul>
    </section>
  );
}

const OUTCOMES: Record<ErasedDataset['outcome'], { tone: Tone; label: string }> = {
  erased: { tone: 'good', label: 'erased' },
  clean: { tone: 'neutral', label: 'nothing there' },
  rebuilt: { tone: 'accent', label: 'made anew' },
  recomputed: { tone: 'accent', label: 'computed anew' },
  held: { tone: 'warn', label: 'legal hold' },
  'not-followed': { tone: 'bad', label: 'not followed' },
};

const number = (id: string, header: string, count: (one: ErasedDataset) => number) =>
  ({
    ...{ id, header, align: 'right', className: 'tabular' },
    sort: count,
    cell: (one) => formatCount(count(one)),
  }) satisfies TableColumn<ErasedDataset>;

const columns: TableColumn<ErasedDataset>[] = [
  {
    id: 'dataset',
    header: 'Dataset',
    sort: ({ dataset }) => dataset,
    className: 'min-w-40',
    cell: ({ dataset, reason }) => (
      <>
        <span className="font-mono break-all">{dataset}</span>
        {reason && <span className="block text-xs text-ink-faint">{reason}</span>}
      </>
    ),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    sort: ({ outcome }) => outcome,
    cell: ({ outcome }) => <Badge tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].label}</Badge>,
  },
  number('rows', 'Rows', ({ rows }) => rows),
  number('rewritten', 'Files rewritten', ({ filesRewritten }) => filesRewritten),
  number('removed', 'Files removed', ({ filesRemoved }) => filesRemoved),
  number('snapshots', 'Snapshots expired', ({ snapshotsExpired }) => snapshotsExpired),
];
