import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Monitor } from 'lucide-react';
import { useState } from 'react';
import { endSession, setPassword } from '../api.ts';
import type { BrowserSession } from '../identity-types.ts';
import { Badge } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { Ago } from '../parts/moment.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle, Section } from '../parts/page.tsx';
import { meQuery, sessionsQuery } from '../queries.ts';
import { NewPassword } from './new-password.tsx';

/** How one signs in, and where one is signed in. */
export function AccountScreen() {
  const me = useQuery(meQuery);
  return (
    <Page className="max-w-3xl space-y-10">
      <div>
        <PageTitle title="Signing in" />
        <p className="text-ink-soft">{me.data?.principal.email}</p>
      </div>
      <Section title="Browsers that are signed in">
        <Sessions />
      </Section>
      <Section title="Password">
        <ChangePassword />
      </Section>
    </Page>
  );
}

function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const cache = useQueryClient();
  const end = useMutation({
    mutationFn: endSession,
    onSuccess: () => cache.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  if (sessions.isPending) return <Loading label="Reading where you are signed in" lines={2} />;
  if (sessions.isError) return <ErrorNotice error={sessions.error} retry={() => void sessions.refetch()} />;
  return (
    <>
      {end.isError && <ErrorNotice error={end.error} />}
      <ul
        aria-label="Browsers that are signed in"
        className="divide-y divide-line rounded-lg border border-line bg-surface"
      >
        {sessions.data.map((session) => (
          <SessionItem
            key={session.id}
            session={session}
            busy={end.isPending && end.variables === session.id}
            onEnd={() => end.mutate(session.id)}
          />
        ))}
      </ul>
    </>
  );
}

interface SessionItemProps {
  session: BrowserSession;
  busy: boolean;
  onEnd: () => void;
}

const METHODS: Record<BrowserSession['method'], string> = {
  password: 'by password',
  link: 'by a link',
  token: 'by a token',
  company: 'by your company',
  demo: 'as a person of the demo',
};

function SessionItem({ session, busy, onEnd }: SessionItemProps) {
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Monitor className="size-4 shrink-0 text-ink-faint" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="truncate">
          {browserName(session.device)} <span className="text-ink-faint">from {session.address}</span>
        </p>
        <p className="text-sm text-ink-faint">
          signed in {METHODS[session.method]} <Ago at={session.startedAt} />, last used{' '}
          <Ago at={session.seenAt} />
        </p>
      </div>
      {session.current ? (
        <Badge>this one</Badge>
      ) : (
        <Button size="small" busy={busy} onClick={onEnd}>
          Sign out<span className="sr-only"> {browserName(session.device)}</span>
        </Button>
      )}
    </li>
  );
}

/** `Firefox on Linux`: enough to know one's own. */
function browserName(device: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(device)?.[1];
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(device)?.[1];
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' };
  if (browser === undefined) return device || 'A browser';
  const name = names[browser] ?? browser;
  return system === undefined ? name : `${name} on ${system.replace('Mac OS X', 'macOS')}`;
}

function ChangePassword() {
  const [times, setTimes] = useState(0);
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: setPassword,
    onSuccess: () => {
      setTimes(times + 1);
      return cache.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <>
      {change.isSuccess && (
        <p role="status" className="text-good">
          Your password is set; other browsers of yours are signed out.
        </p>
      )}
      <NewPassword
        key={times}
        action="Set password"
        withCurrent
        busy={change.isPending}
        error={change.error}
        onSubmit={({ password, current }) => change.mutate({ password, ...(current !== '' && { current }) })}
      />
    </>
  );
}
