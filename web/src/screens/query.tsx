import { getRouteApi } from '@tanstack/react-router';
import { Play, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { SqlEditor } from '../parts/sql-editor.tsx';
import { readDraft, writeDraft } from '../query-draft.ts';
import { offsetOf } from '../sql-tokens.ts';
import { DatasetBrowser } from './dataset-browser.tsx';
import { QueryOutcome } from './query-outcome.tsx';
import { useQueryRun } from './use-query-run.ts';

const route = getRouteApi('/query');

const firstLook = (name: string) => `SELECT *\nFROM ${name}\nLIMIT 100`;

/** The draft of this tab, or a first look at the dataset the address names. */
function useDraft() {
  const { from } = route.useSearch();
  const navigate = route.useNavigate();
  const [sql, setSql] = useState(() => (from ? firstLook(from) : readDraft()));
  useEffect(() => writeDraft(sql), [sql]);
  useEffect(() => {
    if (!from) return;
    setSql(firstLook(from));
    // The name has done its work: coming back must not overwrite what was typed since.
    void navigate({ search: {}, replace: true });
  }, [from, navigate]);
  return [sql, setSql] as const;
}

export function QueryScreen() {
  const [sql, setSql] = useDraft();
  const field = useRef<HTMLTextAreaElement>(null);
  const query = useQueryRun();
  const run = () => sql.trim() !== '' && query.run(sql);
  const place = query.sql === sql ? query.place : null;
  const insert = (text: string) => {
    const area = field.current;
    const [start, end] = area ? [area.selectionStart, area.selectionEnd] : [sql.length, sql.length];
    setSql(sql.slice(0, start) + text + sql.slice(end));
    select(field.current, start + text.length);
  };
  return (
    <Page className="max-w-[100rem] pt-5">
      <PageTitle title="Query" className="sr-only" />
      <div className="gap-6 lg:grid lg:grid-cols-[17rem_minmax(0,1fr)]">
        <DatasetBrowser onInsert={insert} onReplace={(text) => setSql(text)} recent={query.recent} />
        <div className="min-w-0">
          <SqlEditor
            value={sql}
            onChange={setSql}
            onRun={run}
            field={field}
            badLine={place ? Number(/(\d+):\d+$/.exec(place)?.[1]) : null}
          />
          <RunBar query={query} canRun={sql.trim() !== ''} onRun={run} />
          <QueryOutcome
            query={query}
            goToPlace={place === null ? undefined : () => select(field.current, offsetOf(sql, place) ?? 0)}
          />
        </div>
      </div>
    </Page>
  );
}

/** Puts the cursor there once the text area shows the new text. */
function select(area: HTMLTextAreaElement | null, offset: number) {
  requestAnimationFrame(() => {
    area?.focus();
    area?.setSelectionRange(offset, offset);
  });
}

interface RunBarProps {
  query: ReturnType<typeof useQueryRun>;
  canRun: boolean;
  onRun: () => void;
}

const isMac = navigator.userAgent.includes('Mac');

function RunBar({ query, canRun, onRun }: RunBarProps) {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-b-lg border border-t-0 border-edge bg-surface px-2 py-1.5">
      {query.state === 'running' ? (
        <Button size="small" onClick={query.cancel}>
          <Square aria-hidden="true" /> Cancel
        </Button>
      ) : (
        <Button size="small" look="primary" disabled={!canRun} onClick={onRun}>
          <Play aria-hidden="true" /> Run
        </Button>
      )}
      <kbd className="hidden font-mono text-xs text-ink-faint sm:inline">{isMac ? '⌘' : 'Ctrl'} + Enter</kbd>
      {query.purposes.length > 0 && (
        <label className="ml-auto flex min-w-0 items-center gap-2 text-sm">
          <span className="shrink-0 text-ink-soft">For the purpose</span>
          <select
            value={query.purpose ?? ''}
            onChange={(event) => query.choosePurpose(event.target.value || null)}
            className="h-7 max-w-64 min-w-0 rounded-md border border-edge bg-surface px-1.5"
          >
            <option value="">Choose…</option>
            {query.purposes.map((purpose) => (
              <option key={purpose} value={purpose}>
                {purpose}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
