import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Product } from '../api-types.ts';
import { countOf, formatMoment } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { useDomainTitle } from '../parts/domain-name.tsx';
import { Field, Optional, Select, TextInput } from '../parts/field.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { productSegment } from '../product-address.ts';
import { readersQuery } from '../queries.ts';
import { endOf, linesOf, momentOf, type ReaderLine, seenOf, throughOf } from '../reader-paths.ts';

interface Asked {
  dataset: string;
  /** Empty for all columns. */
  column: string;
  /** As the field has it; empty for now. */
  at: string;
}

/** Who can see a dataset or a column and by which path, now or at a past moment: for those who audit it. */
export function ProductReaders({ product }: { product: Product }) {
  const [asked, setAsked] = useState<Asked>({ dataset: product.datasets[0]?.name ?? '', column: '', at: '' });
  // Half a moment while it is typed asks nothing: it is asked with the button or Enter.
  const [at, setAt] = useState('');
  const showNow = () => {
    setAt('');
    setAsked({ ...asked, at: '' });
  };
  if (product.datasets.length === 0) return null;
  return (
    <Section title="Who can see it">
      <p className="text-sm text-ink-soft">
        People and service accounts with a right to read, and by which path. Whoever is not listed sees
        nothing of it.
      </p>
      <AskForm product={product} asked={asked} show={setAsked} at={at} setAt={setAt} />
      <Answer product={product} asked={asked} showNow={showNow} />
    </Section>
  );
}

interface AskFormProps {
  product: Product;
  asked: Asked;
  show: (asked: Asked) => void;
  at: string;
  setAt: (at: string) => void;
}

function AskForm({ product: { datasets }, asked, show, at, setAt }: AskFormProps) {
  const columns = datasets.find(({ name }) => name === asked.dataset)?.columns ?? [];
  return (
    <form
      role="search"
      aria-label="Who can see it"
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        show({ ...asked, at });
      }}
    >
      <Choice
        label="Dataset"
        names={datasets.map(({ name }) => name)}
        value={asked.dataset}
        onChange={(dataset) => show({ ...asked, dataset, column: '' })}
      />
      <Choice
        label="Column"
        all="All columns"
        names={columns.map(({ name }) => name)}
        value={asked.column}
        onChange={(column) => show({ ...asked, column })}
      />
      <Field
        label={
          <>
            As of <Optional />
          </>
        }
        className="min-w-48 flex-1"
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="datetime-local"
            step="any"
            value={at}
            onChange={({ target }) => setAt(target.value)}
          />
        )}
      </Field>
      <Button type="submit">Show</Button>
    </form>
  );
}

interface ChoiceProps {
  label: string;
  /** What the empty choice is called; without it there is none. */
  all?: string;
  names: string[];
  value: string;
  onChange: (name: string) => void;
}

function Choice({ label, all, names, value, onChange }: ChoiceProps) {
  return (
    <Field label={label} className="min-w-36 flex-1">
      {(ids) => (
        <Select {...ids} value={value} onChange={({ target }) => onChange(target.value)}>
          {all && <option value="">{all}</option>}
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface AnswerProps {
  product: Product;
  asked: Asked;
  showNow: () => void;
}

function Answer({ product, asked, showNow }: AnswerProps) {
  const domainTitle = useDomainTitle();
  const name = [product.domain, productSegment(product), asked.dataset, asked.column]
    .filter(Boolean)
    .join('.');
  const readers = useInfiniteQuery(readersQuery({ name, at: momentOf(asked.at) }));
  const columns = useMemo(() => columnsOf(domainTitle), [domainTitle]);
  if (readers.isPending) return <Loading label="Finding out who can see it" />;
  if (readers.isError) {
    return (
      <ErrorNotice error={readers.error} retry={() => void readers.refetch()}>
        {asked.at && (
          <Button size="small" onClick={showNow}>
            Show now
          </Button>
        )}
      </ErrorNotice>
    );
  }
  const lines = readers.data.pages.flatMap(linesOf);
  const count = readers.data.pages.reduce((sum, page) => sum + page.readers.length, 0);
  const what = asked.column === '' ? asked.dataset : `${asked.column} of ${asked.dataset}`;
  return (
    <>
      <p role="status" className="text-sm">
        {countOf(count, 'reader')}
        {readers.hasNextPage && ' and perhaps more'} can see {what}
        {asked.at ? `, as of ${formatMoment(readers.data.pages[0]!.at)}` : ' now'}.
      </p>
      {lines.length > 0 && (
        <DataTable
          stacks
          caption={`Who can see ${what}`}
          columns={columns}
          rows={lines}
          rowKey={({ key }) => key}
        />
      )}
      {lines.length === 0 && !readers.hasNextPage && <Nobody asked={asked} />}
      {readers.hasNextPage && (
        <Button busy={readers.isFetchingNextPage} onClick={() => void readers.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function Nobody({ asked: { column, at } }: { asked: Asked }) {
  return (
    <Empty title={at ? 'Nobody could see it then' : 'Nobody can see it'}>
      {column === ''
        ? 'A dataset is seen from its first release on: look under Runs whether there is one.'
        : 'It is hidden from everybody, or nothing is released yet: ask for all columns to see which.'}
    </Empty>
  );
}

function columnsOf(domainTitle: (name: string) => string): TableColumn<ReaderLine>[] {
  return [
    {
      id: 'who',
      header: 'Who',
      sort: ({ name }) => name,
      cell: ({ name, email, isService }) => (
        <>
          <span className="font-medium break-words">{name}</span>{' '}
          {isService && <Badge>service account</Badge>}
          {email && <span className="block text-xs break-all text-ink-faint">{email}</span>}
        </>
      ),
    },
    {
      id: 'domain',
      header: 'Domain',
      sort: ({ path }) => domainTitle(path.domain),
      cell: ({ path }) => domainTitle(path.domain),
    },
    {
      id: 'through',
      header: 'By which path',
      sort: ({ path }) => throughOf(path),
      className: 'min-w-44 break-words',
      cell: ({ path }) => (
        <>
          {throughOf(path)}
          <span className="block text-xs text-ink-faint">{endOf(path)}</span>
        </>
      ),
    },
    {
      id: 'sees',
      header: 'Sees',
      sort: ({ path }) => seenOf(path).join(),
      className: 'min-w-36 break-words',
      cell: ({ path }) =>
        seenOf(path).map((line) => (
          <span key={line} className="block">
            {line}
          </span>
        )),
    },
    {
      id: 'rows',
      header: 'Rows',
      sort: ({ path }) => path.rows,
      className: 'break-words',
      cell: ({ path }) =>
        path.rows === 'true' ? 'all' : <code className="font-mono text-xs">{path.rows}</code>,
    },
  ];
}
