import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { cancelRun, resumeRun } from '../api.ts';
import { isOpen, type RunDetails, type RunPhase, type RunStep } from '../run-types.ts';
import { cache } from '../cache.ts';
import { inOrder } from '../checks.ts';
import { countOf, formatCount, formatDuration, formatMoment, sentence } from '../format.ts';
import { StateBadge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Card, Facts, Page, PageTitle, Section } from '../parts/page.tsx';
import { runQuery } from '../queries.ts';
import { RunChecks, RunError, RunFacts } from './run-parts.tsx';

const route = getRouteApi('/runs/$run');
const linkStyle = 'text-accent underline-offset-2 hover:underline';

/** Everything about one run, for those who answer for its product. */
export function RunScreen() {
  const { run: id } = route.useParams();
  const run = useQuery(runQuery(id));
  return (
    <Page>
      {run.isPending && <Loading label="Reading the run" />}
      {run.isError && <ErrorNotice error={run.error} retry={() => void run.refetch()} />}
      {run.data && <RunPage run={run.data} />}
    </Page>
  );
}

function RunPage({ run }: { run: RunDetails }) {
  const [domain = '', product = ''] = run.group.product.split('.');
  return (
    <>
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <div>
          <p className="text-sm text-ink-soft">
            <Link
              to="/products/$domain/$product"
              params={{ domain, product }}
              search={{ tab: 'runs' }}
              className={linkStyle}
            >
              Runs of {run.group.product}
            </Link>
          </p>
          <PageTitle title={`Run of ${run.dataset}`} className="flex flex-wrap items-center gap-3">
            Run of {run.dataset} <StateBadge state={run.state} />
          </PageTitle>
          {run.waitsFor && <p className="text-ink-soft">It waits for {run.waitsFor}.</p>}
        </div>
        <Actions run={run} />
      </div>
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_16rem]">
        <div className="min-w-0 space-y-6">
          <RunError run={run} />
          <Steps run={run} />
          {run.phases.length > 0 && <Phases phases={run.phases} attempts={run.attempt} />}
          {run.inputs.length > 0 && <Inputs inputs={run.inputs} />}
          {run.checks.length > 0 && (
            <Section title="Checks">
              <RunChecks checks={inOrder(run.checks)} />
            </Section>
          )}
          <Log log={run.log} ended={!isOpen(run)} />
        </div>
        <aside aria-label="Facts of the run">
          <Card className="space-y-3">
            <Facts facts={factsOf(run)} />
            <RunFacts run={run} />
          </Card>
        </aside>
      </div>
    </>
  );
}

function factsOf(run: RunDetails): [string, ReactNode][] {
  const facts: [string, ReactNode][] = [['Started by', run.trigger === 'applied' ? 'an apply' : run.trigger]];
  if (run.scheduledFor) facts.push(['Its moment', formatMoment(run.scheduledFor)]);
  facts.push(['Queued', <Ago at={run.queuedAt} />]);
  if (run.startedAt) facts.push(['Began', formatMoment(run.startedAt)]);
  if (run.durationMs !== null) facts.push(['Took', formatDuration(run.durationMs)]);
  if (run.attempt > 1) facts.push(['Attempts', run.attempt]);
  if (run.rows !== null) facts.push(['Rows of the table', formatCount(run.rows)]);
  if (run.release !== null) facts.push(['Release', run.release]);
  if (run.snapshotId !== null) facts.push(['Snapshot', <Id text={run.snapshotId} />]);
  facts.push(['Run', <Id text={run.id} />], ['Group', <Id text={run.group.id} />]);
  return facts;
}

const Id = ({ text }: { text: string }) => <span className="font-mono text-xs break-all">{text}</span>;

/** Cancel what is under way, go on with what failed. */
function Actions({ run: { id, state, group } }: { run: RunDetails }) {
  const onSuccess = () => cache.invalidateQueries({ queryKey: ['runs'] });
  const cancel = useMutation({ mutationFn: cancelRun, onSuccess });
  const resume = useMutation({ mutationFn: () => resumeRun(group.id), onSuccess });
  const open = group.steps.filter(isOpen);
  const failed = group.state !== 'released' && !isOpen(group);
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap justify-end gap-2">
        {isOpen({ state }) && (
          <Button busy={cancel.isPending} onClick={() => cancel.mutate(id)}>
            Cancel the run
          </Button>
        )}
        {open.length > 1 && (
          <Button busy={cancel.isPending} onClick={() => cancel.mutate(group.id)}>
            Cancel all {open.length} steps
          </Button>
        )}
        {failed && (
          <Button busy={resume.isPending} onClick={() => resume.mutate()}>
            <RotateCw aria-hidden="true" /> Resume from what failed
          </Button>
        )}
      </div>
      {(cancel.error ?? resume.error) && <ErrorNotice error={cancel.error ?? resume.error} />}
    </div>
  );
}

/** The product's part of the round: what ran before this one, beside it and after it. */
function Steps({ run: { id, group, stepsLeftOut } }: { run: RunDetails }) {
  const done = group.steps.filter((step) => !isOpen(step)).length;
  return (
    <Section
      title="Steps"
      aside={
        <span className="text-sm text-ink-faint tabular">
          {done} of {group.steps.length} ended
        </span>
      }
    >
      <ol className="divide-y divide-line rounded-lg border border-line bg-surface">
        {group.steps.map((step) => (
          <StepItem key={step.id} step={step} here={step.id === id} />
        ))}
      </ol>
      {stepsLeftOut > 0 && (
        <p className="text-sm text-ink-faint">and {countOf(stepsLeftOut, 'more step')} of the group</p>
      )}
    </Section>
  );
}

function StepItem({ step, here }: { step: RunStep; here: boolean }) {
  const why = step.waitsFor === null ? step.message : `waits for ${step.waitsFor}`;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <StateBadge state={step.state} />
      {here ? (
        <span aria-current="page" className="font-medium">
          {step.value ?? step.dataset}
        </span>
      ) : (
        <Link to="/runs/$run" params={{ run: step.id }} className={`font-medium ${linkStyle}`}>
          {step.value ?? step.dataset}
        </Link>
      )}
      {step.needs.length > 0 && <span className="text-sm text-ink-faint">after {step.needs.join(', ')}</span>}
      {step.rows !== null && (
        <span className="ml-auto text-sm text-ink-faint tabular">{countOf(step.rows, 'row')}</span>
      )}
      {why && <p className="w-full text-sm text-ink-soft">{sentence(why)}</p>}
    </li>
  );
}

const PHASES = { read: 'Read inputs', write: 'Write aside', check: 'Check', release: 'Release' };

function Phases({ phases, attempts }: { phases: RunPhase[]; attempts: number }) {
  const spans = phases.map(({ startedAt, finishedAt }) =>
    finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt),
  );
  const longest = Math.max(1, ...spans.map((span) => span ?? 0));
  return (
    <Section title="Phases">
      <ol className="space-y-1.5">
        {phases.map((phase, index) => (
          <li key={index} className="grid grid-cols-[9rem_1fr_5rem] items-center gap-3 text-sm">
            <span>
              {PHASES[phase.name]}
              {attempts > 1 && <span className="text-ink-faint"> ({phase.attempt})</span>}
            </span>
            <span aria-hidden="true" className="h-2 rounded-sm bg-sunken">
              <span
                className="block h-2 rounded-sm bg-accent"
                style={{ width: `${Math.max(1, ((spans[index] ?? 0) / longest) * 100)}%` }}
              />
            </span>
            <span className="text-right text-ink-faint tabular">
              {spans[index] === null ? 'no end' : formatDuration(spans[index] ?? 0)}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Inputs({ inputs }: { inputs: RunDetails['inputs'] }) {
  return (
    <Section title="Inputs">
      <div className="overflow-x-auto rounded-lg border border-line bg-surface">
        <table className="w-full text-left text-sm">
          <thead className="text-xs text-ink-faint">
            <tr className="border-b border-line">
              <th className="px-3 py-1.5 font-normal">Read</th>
              <th className="px-3 py-1.5 font-normal">As it was</th>
              <th className="px-3 py-1.5 text-right font-normal">Rows</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {inputs.map((input) => (
              <tr key={`${input.dataset ?? ''} ${input.source ?? ''} ${input.table ?? ''}`}>
                <th scope="row" className="px-3 py-1.5 font-medium">
                  {input.dataset ?? `${input.source} · ${input.table}`}
                </th>
                <td className="px-3 py-1.5 text-ink-soft tabular">
                  {input.dataset === undefined
                    ? countOf(input.files ?? 0, 'file')
                    : `release ${input.release}, snapshot ${input.snapshot}`}
                </td>
                <td className="px-3 py-1.5 text-right tabular">
                  {input.rows == null ? '' : formatCount(input.rows)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Log({ log, ended }: { log: RunDetails['log']; ended: boolean }) {
  return (
    <Section title="Log">
      {log.length === 0 ? (
        <p className="text-ink-soft">
          {ended ? 'It has ended without a log.' : 'A run writes its log from when it begins.'}
        </p>
      ) : (
        <ol
          aria-label="Log"
          tabIndex={0}
          className="max-h-80 space-y-1 overflow-auto rounded-lg border border-line bg-surface p-3 font-mono text-xs"
        >
          {log.map(({ at, text }, index) => (
            <li key={index} className="flex gap-3">
              <time dateTime={at} className="shrink-0 text-ink-faint">
                {at.slice(11, 23)}
              </time>
              <span className="min-w-0 break-words">{text}</span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
