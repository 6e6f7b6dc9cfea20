import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { signIn } from '../api.ts';
import { startOver } from '../cache.ts';
import { Button, buttonStyle } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { ErrorNotice, problemAt } from '../parts/notice.tsx';
import { companyQuery } from '../queries.ts';

/** Address and password, or a token: whoever has the one does not need the other. */
export function SignInForms() {
  const [byToken, setByToken] = useState(false);
  return (
    <section className="max-w-md space-y-3">
      <CompanyEntry />
      {byToken ? <TokenForm /> : <PasswordForm />}
      <Button look="quiet" size="small" className="-ml-2" onClick={() => setByToken(!byToken)}>
        {byToken ? 'Use a password instead' : 'Use a token instead'}
      </Button>
    </section>
  );
}

const REFUSALS: Record<string, string> = {
  'auth.not-admitted':
    'Your company knows you, this mesh does not yet. Ask an owner of your domain to make you a member.',
  'auth.company-unreachable': 'Your company’s sign-in does not answer. Try again in a moment.',
};

/** The company's own sign-in, and why it led nowhere. */
function CompanyEntry() {
  const { data: company } = useQuery(companyQuery);
  const refused = new URLSearchParams(location.search).get('refused');
  if (!company) return null;
  const then = refused === null ? location.pathname + location.search : '/';
  return (
    <div className="space-y-3 pb-6">
      {refused !== null && (
        <p role="alert" className="rounded-lg border border-bad/35 bg-bad-soft px-4 py-3">
          {REFUSALS[refused] ?? 'Your company’s sign-in did not say who you are. Try again.'}
          <span className="block pt-0.5 font-mono text-xs text-ink-faint">{refused}</span>
        </p>
      )}
      <a
        className={buttonStyle({ look: 'primary' })}
        href={`/api/v1/company/sign-in?then=${encodeURIComponent(then)}`}
      >
        Sign in with {company.title}
      </a>
    </div>
  );
}

function PasswordForm() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const enter = useMutation({ mutationFn: signIn, onSuccess: startOver });
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate({ email: email.trim(), password });
      }}
    >
      <h2 className="text-base">Sign in with your password</h2>
      <Field label="E-mail address" problem={problemAt(enter.error, '/email')}>
        {(ids) => (
          <TextInput
            {...ids}
            type="email"
            name="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field
        label="Password"
        hint="No password yet? An administrator of the mesh makes you a link to set one."
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="password"
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      {enter.isError && <ErrorNotice error={enter.error} />}
      <Button
        type="submit"
        look="primary"
        busy={enter.isPending}
        disabled={email.trim() === '' || password === ''}
      >
        Sign in
      </Button>
    </form>
  );
}

function TokenForm() {
  const [token, setToken] = useState('');
  const enter = useMutation({ mutationFn: signIn, onSuccess: startOver });
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate({ token: token.trim() });
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
            autoComplete="off"
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
