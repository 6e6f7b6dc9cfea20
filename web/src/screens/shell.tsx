import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { meQuery } from '../queries.ts';
import { Header } from './header.tsx';
import { isLink, LinkScreen } from './link.tsx';
import { SignIn } from './sign-in.tsx';

/** Every screen sits in here. Signed out, the same address shows the sign-in and then goes on. */
export function Shell() {
  const me = useQuery(meQuery);
  const path = useLocation({ select: ({ pathname }) => pathname });
  if (isLink(path)) return <LinkScreen path={path} />;
  if (me.isPending) {
    return (
      <Page>
        <Loading label="Opening Crossdock" lines={3} />
      </Page>
    );
  }
  if (me.isError) {
    return (
      <Page className="max-w-2xl pt-24">
        <ErrorNotice error={me.error} retry={() => void me.refetch()} />
      </Page>
    );
  }
  if (me.data === null) return <SignIn />;
  return (
    <>
      <a
        href="#main"
        className="sr-only rounded-md bg-surface px-3 py-2 shadow-lift focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        Skip to the content
      </a>
      <Header me={me.data} />
      <main id="main" tabIndex={-1} className="outline-none">
        <Outlet />
      </main>
    </>
  );
}
