import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { ErrorNotice } from '../parts/notice.tsx';

interface NewPasswordProps {
  /** What the button says. */
  action: string;
  /** Whether the password so far is asked for too. */
  withCurrent?: boolean;
  busy: boolean;
  error: unknown;
  onSubmit: (passwords: { password: string; current: string }) => void;
}

/** A password, typed twice. */
export function NewPassword({ action, withCurrent = false, busy, error, onSubmit }: NewPasswordProps) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const differs = again !== '' && !password.startsWith(again) ? 'The two are not the same' : undefined;
  return (
    <form
      className="max-w-md space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ password, current });
      }}
    >
      {withCurrent && (
        <Field label="Current password" hint="Leave it empty if you have none yet.">
          {(ids) => (
            <TextInput
              {...ids}
              type="password"
              autoComplete="current-password"
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label="New password"
        hint="At least 15 characters: a few words that belong together for you alone."
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="password"
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Field label="New password again" problem={differs}>
        {(ids) => (
          <TextInput
            {...ids}
            type="password"
            autoComplete="new-password"
            value={again}
            onChange={(event) => setAgain(event.target.value)}
          />
        )}
      </Field>
      {error != null && <ErrorNotice error={error} />}
      <Button type="submit" look="primary" busy={busy} disabled={password === '' || password !== again}>
        {action}
      </Button>
    </form>
  );
}
