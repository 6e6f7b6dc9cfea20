import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { acknowledgeIncident, commentIncident } from '../api.ts';
import type { Incident, IncidentEvent } from '../api-types.ts';
import { cache } from '../cache.ts';
import { sentence } from '../format.ts';
import { Badge, StateBadge } from '../parts/badge.tsx';
import { Button, buttonStyle } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { incidentsQuery } from '../queries.ts';

const route = getRouteApi('/incidents');

/** Incidents of the products I may discover; of those I answer for, with their causes and what was done. */
export function IncidentsScreen() {
  const { all = false } = route.useSearch();
  const navigate = route.useNavigate();
  const incidents = useQuery(incidentsQuery(all));
  return (
    <Page>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <PageTitle title="Incidents" />
          <p className="text-ink-soft">
            They open and close by themselves. Acknowledge one to tell its readers that somebody looks after
            it.
          </p>
        </div>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) =>
              void navigate({ search: { all: event.target.checked ? true : undefined }, replace: true })
            }
          />
          Closed ones too
        </label>
      </div>
      {incidents.isPending && <Loading label="Reading the incidents" />}
      {incidents.isError && <ErrorNotice error={incidents.error} retry={() => void incidents.refetch()} />}
      {incidents.data?.length === 0 && (
        <Empty
          title="No incident"
          action={
            <Link to="/" className={buttonStyle({ look: 'plain' })}>
              See the catalog
            </Link>
          }
        >
          When a dataset is late, a run fails, or a release is not like the ones before, it appears here.
        </Empty>
      )}
      {incidents.data && incidents.data.length > 0 && <IncidentList incidents={incidents.data} />}
    </Page>
  );
}

/** What I answer for comes first; within that, the newest. */
function IncidentList({ incidents }: { incidents: Incident[] }) {
  const mine = incidents.filter(({ history }) => history !== undefined);
  const others = incidents.filter(({ history }) => history === undefined);
  return (
    <div className="space-y-8">
      {mine.length > 0 && <Group title="Of products you answer for" incidents={mine} />}
      {others.length > 0 && <Group title="Of other products" incidents={others} />}
    </div>
  );
}

function Group({ title, incidents }: { title: string; incidents: Incident[] }) {
  return (
    <section className="space-y-2.5">
      <h2 className="text-base">{title}</h2>
      <ul aria-label={title} className="divide-y divide-line rounded-lg border border-line bg-surface">
        {incidents.map((incident) => (
          <IncidentItem key={incident.id} incident={incident} />
        ))}
      </ul>
    </section>
  );
}

function IncidentItem({ incident }: { incident: Incident }) {
  const [domain = '', product = ''] = incident.product.split('.');
  return (
    <li className="space-y-2 px-4 py-3">
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <Link
          to="/products/$domain/$product"
          params={{ domain, product }}
          search={{ tab: 'quality' }}
          className="font-mono text-sm font-semibold hover:underline"
        >
          {incident.product}.{incident.dataset}
        </Link>
        <Badge tone={incident.severity === 'error' ? 'bad' : 'warn'}>{incident.kind}</Badge>
        <StateBadge state={incident.state} />
        <span className="ml-auto text-sm text-ink-faint">
          <Ago at={incident.openedAt} />
        </span>
      </div>
      <p className="break-words">{sentence(incident.summary)}</p>
      <p className="max-w-prose text-sm text-ink-soft">{incident.meaning}</p>
      {incident.detail && <Detail detail={incident.detail} />}
      {incident.history && incident.history.length > 1 && <History events={incident.history} />}
      {incident.history && incident.state !== 'closed' && <Answer incident={incident} />}
    </li>
  );
}

/** The cause, as far as it is words: a run, its error, changed columns. */
function Detail({ detail }: { detail: Record<string, unknown> }) {
  const words = ['message', 'changes', 'checks', 'findings', 'dueAt', 'run']
    .map((key): [string, unknown] => [key, detail[key]])
    .filter(([, value]) => typeof value === 'string' || Array.isArray(value));
  if (words.length === 0) return null;
  return (
    <dl className="grid gap-x-3 gap-y-0.5 text-sm sm:grid-cols-[6rem_minmax(0,1fr)]">
      {words.map(([key, value]) => (
        <div key={key} className="contents">
          <dt className="text-ink-faint">{DETAIL_WORDS[key] ?? key}</dt>
          <dd className="break-words">{Array.isArray(value) ? value.join('; ') : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

const DETAIL_WORDS: Record<string, string> = {
  message: 'Error',
  changes: 'Changes',
  checks: 'Checks',
  findings: 'Found',
  dueAt: 'Due at',
  run: 'Run',
};

function History({ events }: { events: IncidentEvent[] }) {
  return (
    <ol aria-label="What happened" className="space-y-0.5 border-l-2 border-line pl-3 text-sm">
      {events.map((event, index) => (
        <li key={index} className="break-words">
          <span className="text-ink-faint">
            <Ago at={event.at} /> {event.by} {event.kind === 'seen' ? 'saw it again' : event.kind}
          </span>
          {event.text && event.kind !== 'opened' && `: ${event.text}`}
        </li>
      ))}
    </ol>
  );
}

function Answer({ incident }: { incident: Incident }) {
  const [comment, setComment] = useState('');
  const isOpen = incident.state === 'open';
  const answer = useMutation({
    mutationFn: () =>
      isOpen
        ? acknowledgeIncident(incident.id, comment.trim())
        : commentIncident(incident.id, comment.trim()),
    onSuccess: async () => {
      setComment('');
      await cache.invalidateQueries({ queryKey: ['incidents'] });
      await cache.invalidateQueries({ queryKey: ['product'] });
    },
  });
  return (
    <form
      className="max-w-2xl space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        answer.mutate();
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <Field label="Comment for your colleagues" className="min-w-48 flex-1">
          {(ids) => (
            <TextInput
              {...ids}
              value={comment}
              maxLength={2000}
              onChange={(event) => setComment(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" busy={answer.isPending} disabled={!isOpen && comment.trim() === ''}>
          {isOpen ? 'Acknowledge' : 'Comment'}
        </Button>
      </div>
      {answer.isError && <ErrorNotice error={answer.error} />}
    </form>
  );
}
