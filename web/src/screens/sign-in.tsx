import { useMutation, useQuery } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { enterAs, signIn } from '../api.ts';
import type { DemoPerson } from '../api-types.ts';
import { startOver } from '../cache.ts';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Mark } from '../parts/mark.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { PageTitle } from '../parts/page.tsx';
import { demoPeopleQuery } from '../queries.ts';

export function SignIn() {
  const people = useQuery(demoPeopleQuery);
  return (
    <main className="mx-auto w-full max-w-3xl px-4 pt-[12vh] pb-16 sm:px-6">
      <div className="mb-8 flex items-center gap-3">
        <Mark size={36} />
        <div>
          <PageTitle title="Sign in">Crossdock</PageTitle>
          <p className="text-ink-soft">Find data products, request access, query what was approved.</p>
        </div>
      </div>
      <div className="space-y-10">
        {people.data && people.data.length > 0 && <DemoPeople people={people.data} />}
        {!people.isPending && <TokenForm />}
      </div>
    </main>
  );
}

function DemoPeople({ people }: { people: DemoPerson[] }) {
  const enter = useMutation({ mutationFn: enterAs, onSuccess: startOver });
  return (
    <section className="space-y-2.5">
      <h2 className="text-base">Enter the demo as</h2>
      {enter.isError && <ErrorNotice error={enter.error} />}
      <ul className="grid gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-2">
        {people.map((person) => (
          <li key={person.email} className="flex bg-surface">
            <button
              type="button"
              disabled={enter.isPending}
              onClick={() => enter.mutate(person.email)}
              className="group flex w-full items-start gap-3 px-4 py-3 text-left -outline-offset-2 hover:bg-hover"
            >
              <span className="min-w-0 flex-1">
                <span className="font-medium">{person.name}</span>{' '}
                <span className="text-sm text-ink-faint">
                  {person.domains.map(({ title, role }) => `${title} ${role}`).join(', ')}
                </span>
                <span className="mt-0.5 block text-sm text-ink-soft">{person.hint}</span>
              </span>
              <ArrowRight
                aria-hidden="true"
                className="mt-1 size-4 shrink-0 text-ink-faint transition-transform group-hover:translate-x-0.5 group-hover:text-accent"
              />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TokenForm() {
  const [token, setToken] = useState('');
  const enter = useMutation({ mutationFn: signIn, onSuccess: startOver });
  return (
    <form
      className="max-w-md space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate(token.trim());
      }}
    >
      <h2 className="text-base">Sign in with a token</h2>
      <Field
        label="Token"
        hint="The first start prints the administrator's token; everybody else gets one from an owner of their domain."
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            className="font-mono"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        )}
      </Field>
      {enter.isError && <ErrorNotice error={enter.error} />}
      <Button type="submit" look="primary" busy={enter.isPending} disabled={token.trim() === ''}>
        Sign in
      </Button>
    </form>
  );
}
