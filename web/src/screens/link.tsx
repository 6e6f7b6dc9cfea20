import { useMutation } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { signIn } from '../api.ts';
import { startOver } from '../cache.ts';
import { Mark } from '../parts/mark.tsx';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { PageTitle } from '../parts/page.tsx';
import { NewPassword } from './new-password.tsx';

/** Whether the address is one that a one-time link leads to; its code stands behind `#`. */
export const isLink = (path: string) => path === '/enter' || path === '/welcome';

/** What a one-time link opens: the web signed in, or a new password. */
export function LinkScreen({ path }: { path: string }) {
  // Read once: then it leaves the address bar and the history.
  const [code] = useState(() => location.hash.slice(1));
  useEffect(() => history.replaceState(history.state, '', path), [path]);
  return path === '/enter' ? <Enter code={code} /> : <Welcome code={code} />;
}

function useSignIn() {
  const router = useRouter();
  return useMutation({
    mutationFn: signIn,
    onSuccess: async (me) => {
      startOver(me);
      await router.navigate({ to: '/', search: {}, replace: true });
    },
  });
}

const sent = new Set<string>();

function Enter({ code }: { code: string }) {
  const enter = useSignIn();
  const { mutate } = enter;
  useEffect(() => {
    // React mounts twice while developing; the code counts once.
    if (sent.has(code)) return;
    sent.add(code);
    mutate({ code });
  }, [code, mutate]);
  return (
    <LinkFrame title="Sign in" about="The link you opened signs you in.">
      {enter.isError ? <ErrorNotice error={enter.error} children={<Elsewhere />} /> : <Loading lines={2} />}
    </LinkFrame>
  );
}

function Welcome({ code }: { code: string }) {
  const enter = useSignIn();
  return (
    <LinkFrame title="Set your password" about="The link you opened lets you set a password, once.">
      <NewPassword
        action="Set it and sign in"
        busy={enter.isPending}
        error={enter.error}
        onSubmit={({ password }) => enter.mutate({ code, password })}
      />
    </LinkFrame>
  );
}

const Elsewhere = () => (
  <p>
    <a className="underline" href="/">
      Sign in another way
    </a>
  </p>
);

function LinkFrame({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  return (
    <main className="mx-auto w-full max-w-2xl px-4 pt-[8vh] pb-16 sm:px-6">
      <div className="mb-8 flex items-center gap-3">
        <Mark size={36} />
        <div>
          <PageTitle title={title} />
          <p className="text-ink-soft">{about}</p>
        </div>
      </div>
      {children}
    </main>
  );
}
