import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { AuditEntry, AuditFilter } from '../audit-types.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { DataTable, type TableColumn } from '../parts/data-table.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, ErrorNotice, Loading, problemAt } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { auditQuery } from '../queries.ts';

const route = getRouteApi('/audit');

/** Decisions and changes of the domains I answer for: by whom, of what kind, from when until when. */
export function AuditScreen() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const audit = useInfiniteQuery(auditQuery(filter));
  const entries = audit.data?.pages.flatMap((page) => page.entries) ?? [];
  const show = (search: AuditFilter) => void navigate({ search, replace: true });
  return (
    <Page>
      <PageTitle title="Audit" />
      <p className="mb-5 text-ink-soft">
        Every decision and change of the domains you own or steward, newest first.
      </p>
      <FilterForm key={JSON.stringify(filter)} filter={filter} error={audit.error} show={show} />
      {audit.isPending && <Loading label="Reading the audit" />}
      {audit.isError && <ErrorNotice error={audit.error} retry={() => void audit.refetch()} />}
      {audit.data && entries.length === 0 && <NothingFound filter={filter} show={show} />}
      {entries.length > 0 && (
        <DataTable
          stacks
          caption="Decisions and changes"
          columns={columns}
          rows={entries}
          rowKey={({ id }) => String(id)}
        />
      )}
      {audit.hasNextPage && (
        <Button className="mt-4" busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </Page>
  );
}

interface FilterProps {
  filter: AuditFilter;
  show: (filter: AuditFilter) => void;
}

function FilterForm({ filter, error, show }: FilterProps & { error: unknown }) {
  const [typed, setTyped] = useState(filter);
  const field = (name: keyof AuditFilter, label: string, more: { type?: string; placeholder?: string }) => (
    <Field label={label} problem={problemAt(error, `/${name}`)} className="min-w-36 flex-1">
      {(ids) => (
        <TextInput
          {...ids}
          {...more}
          value={typed[name] ?? ''}
          onChange={(event) => setTyped({ ...typed, [name]: event.target.value.trim() || undefined })}
        />
      )}
    </Field>
  );
  return (
    <form
      role="search"
      aria-label="Audit"
      className="mb-5 flex flex-wrap items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        show(typed);
      }}
    >
      {field('person', 'Who', { placeholder: 'e-mail or domain/account' })}
      {field('action', 'Action', { placeholder: 'subscription.*' })}
      {field('since', 'From', { type: 'date' })}
      {field('until', 'Before', { type: 'date' })}
      <Button type="submit" look="primary" className="mt-6">
        Show
      </Button>
    </form>
  );
}

function NothingFound({ filter, show }: FilterProps) {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  if (!isFiltered) {
    return (
      <Empty title="Nothing yet">
        Owners and stewards see here what was decided and changed in their domains; administrators see all.
      </Empty>
    );
  }
  return (
    <Empty title="Nothing like that" action={<Button onClick={() => show({})}>Show everything</Button>}>
      No decision or change of your domains is by them, of this kind, and in this time.
    </Empty>
  );
}

const columns: TableColumn<AuditEntry>[] = [
  { id: 'at', header: 'When', cell: ({ at }) => <Ago at={at} /> },
  {
    id: 'actor',
    header: 'Who',
    cell: ({ actor, door, address }) => (
      <>
        {actor}
        <span className="block text-xs text-ink-faint">
          {address === null ? door : `${door}, ${address}`}
        </span>
      </>
    ),
  },
  {
    id: 'action',
    header: 'What',
    className: 'min-w-66',
    cell: ({ action, object }) => (
      <>
        <span className="font-mono">{action}</span>
        <span className="block font-mono text-xs break-all text-ink-faint">{object}</span>
      </>
    ),
  },
  {
    id: 'allowed',
    header: 'Outcome',
    cell: ({ allowed }) => <Badge tone={allowed ? 'good' : 'bad'}>{allowed ? 'allowed' : 'refused'}</Badge>,
  },
  {
    id: 'reasons',
    header: 'Why',
    className: 'min-w-40 break-words',
    cell: ({ reasons }) => reasons.join('; '),
  },
];
