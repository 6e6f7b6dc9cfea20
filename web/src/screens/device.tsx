import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { decideDevice, describeDevice } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { meQuery } from '../queries.ts';
import { AskingCard } from './asking.tsx';

const route = getRouteApi('/oauth/device');

/** Where the code is typed that `crossdock login` shows. */
export function DeviceScreen() {
  const [code, setCode] = useState(route.useSearch().user_code ?? '');
  const me = useQuery(meQuery);
  const look = useMutation({ mutationFn: describeDevice });
  const decide = useMutation({ mutationFn: decideDevice });
  return (
    <Page className="max-w-xl space-y-6">
      <div>
        <PageTitle title="Let a program in" />
        <p className="text-ink-soft">
          Only if you have just started it yourself: whoever sent you a code would act in your name.
        </p>
      </div>
      {decide.isSuccess ? (
        <p role="status">
          {decide.data.allowed
            ? 'Done. Go back to your terminal; this page may be closed.'
            : 'Refused. Nothing was given.'}
        </p>
      ) : (
        <>
          <CodeForm
            code={code}
            busy={look.isPending}
            onChange={(text) => {
              setCode(text);
              look.reset();
            }}
            onSubmit={() => look.mutate(code)}
          />
          {look.isError && <ErrorNotice error={look.error} />}
          {look.data && (
            <AskingCard
              asking={look.data}
              name={me.data?.principal.name ?? ''}
              busy={decide.isPending}
              error={decide.error}
              onDecide={(allow) => decide.mutate({ code, allow })}
            >
              <p className="text-sm text-ink-soft">
                It asks from {look.data.address}, as {look.data.device}.
              </p>
            </AskingCard>
          )}
        </>
      )}
    </Page>
  );
}

interface CodeFormProps {
  code: string;
  busy: boolean;
  onChange: (code: string) => void;
  onSubmit: () => void;
}

function CodeForm({ code, busy, onChange, onSubmit }: CodeFormProps) {
  return (
    <form
      className="flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Field label="Code" className="w-52">
        {(ids) => (
          <TextInput
            {...ids}
            autoComplete="off"
            spellCheck={false}
            className="font-mono uppercase"
            value={code}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" look="primary" busy={busy} disabled={code.trim() === ''}>
        Continue
      </Button>
    </form>
  );
}
