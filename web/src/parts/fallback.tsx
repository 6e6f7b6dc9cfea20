import { Link } from '@tanstack/react-router';
import { buttonStyle } from './button.tsx';
import { Empty, ErrorNotice } from './notice.tsx';
import { Page, PageTitle } from './page.tsx';

/** An address that no screen answers to. */
export function NotFound() {
  return (
    <Page>
      <PageTitle title="Page not found" className="sr-only" />
      <Empty
        title="There is no page at this address"
        action={
          <Link to="/" className={buttonStyle({ look: 'plain' })}>
            Go to the catalog
          </Link>
        }
      >
        Check the address, or search the catalog for what you need.
      </Empty>
    </Page>
  );
}

/** A screen that failed while drawing; the rest of the app still works. */
export function Broken({ error }: { error: unknown }) {
  return (
    <Page>
      <PageTitle title="Something broke" className="sr-only" />
      <ErrorNotice error={error} retry={() => location.reload()} />
    </Page>
  );
}
