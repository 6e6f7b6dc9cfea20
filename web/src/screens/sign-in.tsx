import { useMutation, useQuery } from '@tanstack/react-query';
import { enterAs } from '../api.ts';
import type { DemoPerson, Role } from '../api-types.ts';
import { startOver } from '../cache.ts';
import { Mark } from '../parts/mark.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { PageTitle } from '../parts/page.tsx';
import { demoPeopleQuery } from '../queries.ts';
import { SignInForms } from './sign-in-forms.tsx';

export function SignIn() {
  const people = useQuery(demoPeopleQuery);
  return (
    <main className="mx-auto w-full max-w-4xl px-4 pt-[8vh] pb-16 sm:px-6">
      <div className="mb-8 flex items-center gap-3">
        <Mark size={36} />
        <div>
          <PageTitle title="Sign in">Crossdock</PageTitle>
          <p className="text-ink-soft">Find data products, request access, query what was approved.</p>
        </div>
      </div>
      <div className="space-y-10">
        {people.data && people.data.length > 0 && <DemoPeople people={people.data} />}
        {!people.isPending && <SignInForms />}
      </div>
    </main>
  );
}

const ROLES: Role[] = ['owner', 'steward', 'engineer', 'analyst'];

/** The people of each domain, those who decide first; who belongs to none comes last. */
function byDomain(people: DemoPerson[]): [string, DemoPerson[]][] {
  const groups = Map.groupBy(people, ({ domains }) => domains[0]?.title ?? '');
  const rank = ({ domains }: DemoPerson) => (domains[0] ? ROLES.indexOf(domains[0].role) : 0);
  return [...groups]
    .map(([title, members]): [string, DemoPerson[]] => [title, members.sort((a, b) => rank(a) - rank(b))])
    .sort(([a], [b]) => Number(a === '') - Number(b === '') || a.localeCompare(b));
}

function DemoPeople({ people }: { people: DemoPerson[] }) {
  const enter = useMutation({ mutationFn: enterAs, onSuccess: startOver });
  return (
    <section className="space-y-3">
      <div>
        <h2 className="text-base">Enter the demo as</h2>
        <p className="text-ink-soft">
          An analyst finds, requests and queries; a steward or owner decides about requests; an engineer runs
          pipelines.
        </p>
      </div>
      {enter.isError && <ErrorNotice error={enter.error} />}
      <div className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
        {byDomain(people).map(([title, members]) => (
          <section key={title} className="gap-4 px-4 py-2 sm:grid sm:grid-cols-[10rem_1fr] sm:items-center">
            <h3 className="py-1 text-sm font-medium text-ink-soft">{title || 'The whole mesh'}</h3>
            <ul className="grid grid-cols-2 gap-1 md:grid-cols-4">
              {members.map((person) => (
                <li key={person.email} className="flex">
                  <PersonButton person={person} enter={enter.mutate} disabled={enter.isPending} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </section>
  );
}

interface PersonButtonProps {
  person: DemoPerson;
  enter: (email: string) => void;
  disabled: boolean;
}

function PersonButton({ person, enter, disabled }: PersonButtonProps) {
  const roles = new Set(person.domains.map(({ role }) => role));
  return (
    <button
      type="button"
      title={person.hint}
      disabled={disabled}
      onClick={() => enter(person.email)}
      className="w-full rounded-md px-2 py-1.5 text-left hover:bg-accent-soft"
    >
      <span className="block truncate font-medium">{person.name}</span>
      <span className="block truncate text-sm text-ink-faint">{[...roles].join(', ') || person.hint}</span>
    </button>
  );
}
