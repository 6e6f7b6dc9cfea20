import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { decideConsent, readConsent } from '../api.ts';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Page, PageTitle } from '../parts/page.tsx';
import { meQuery } from '../queries.ts';
import { AskingCard } from './asking.tsx';

const route = getRouteApi('/oauth/consent/$uid');

/** An application sent somebody here to be allowed in; the answer sends them back. */
export function ConsentScreen() {
  const { uid } = route.useParams();
  const me = useQuery(meQuery);
  const asking = useQuery({
    queryKey: ['consent', uid],
    queryFn: () => readConsent(uid),
    staleTime: Infinity,
  });
  const decide = useMutation({
    mutationFn: decideConsent,
    onSuccess: ({ redirectTo }) => location.assign(redirectTo),
  });
  return (
    <Page className="max-w-xl space-y-6">
      <PageTitle title="Let an application in" />
      {asking.isPending && <Loading label="Reading what it asks for" lines={2} />}
      {asking.isError && <ErrorNotice error={asking.error} />}
      {asking.data && (
        <AskingCard
          asking={asking.data}
          name={me.data?.principal.name ?? ''}
          busy={decide.isPending || decide.isSuccess}
          error={decide.error}
          onDecide={(allow) => decide.mutate({ uid, allow })}
        />
      )}
    </Page>
  );
}
