import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import {
  Bell,
  ChevronDown,
  Eraser,
  KeyRound,
  LogOut,
  type LucideIcon,
  ScrollText,
  Webhook,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { signOut } from '../api.ts';
import type { Me } from '../api-types.ts';
import { useBasket } from '../basket.ts';
import { startOver } from '../cache.ts';
import { Badge } from '../parts/badge.tsx';
import { Mark } from '../parts/mark.tsx';
import { useHeldDelegations } from './held-delegations.tsx';
import { incidentsQuery, toDecideQuery, unreadQuery } from '../queries.ts';

const navStyle =
  'flex h-8 shrink-0 items-center gap-1.5 rounded-md px-2 lg:px-2.5 whitespace-nowrap text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink';

export function Header({ me }: { me: Me }) {
  return (
    <header className="sticky top-0 z-20 border-b border-line bg-surface">
      <div className="mx-auto flex max-w-[76rem] flex-wrap items-center gap-x-4 px-4 sm:h-13 sm:flex-nowrap sm:px-6">
        <Link to="/" className="flex h-13 min-w-0 items-center gap-2 font-semibold tracking-tight">
          <Mark />
          <span>Crossdock</span>
          {me.mesh.title && (
            <span className="hidden truncate font-normal text-ink-faint lg:inline">{me.mesh.title}</span>
          )}
        </Link>
        <nav
          aria-label="Main"
          // Words for screen readers stay inside of what scrolls.
          className="relative order-last -mx-2 flex w-full gap-0.5 overflow-x-auto pb-1.5 sm:order-none sm:mx-0 sm:ml-auto sm:w-auto sm:pb-0"
        >
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }} className={navStyle}>
            Catalog
          </Link>
          <Link to="/query" activeOptions={{ includeSearch: false }} className={navStyle}>
            Query
          </Link>
          <Link to="/access" className={navStyle}>
            My access
          </Link>
          <BasketLink />
          <QueueLink me={me} />
          <IncidentsLink me={me} />
        </nav>
        <div className="ml-auto flex items-center gap-1 sm:ml-0">
          <InboxLink />
          <PersonMenu me={me} />
        </div>
      </div>
    </header>
  );
}

/** Only while there is something in it. */
function BasketLink() {
  const count = useBasket().length;
  if (count === 0) return null;
  return (
    <Link to="/basket" className={navStyle}>
      Basket
      <span className="min-w-4.5 rounded-full bg-sunken px-1.5 text-center text-xs font-medium tabular">
        {count}
      </span>
    </Link>
  );
}

/** Only for people who decide: the number is what waits for them. */
function QueueLink({ me }: { me: Me }) {
  const decides = me.administrator || me.domains.some(({ role }) => role === 'owner' || role === 'steward');
  const waiting = useQuery(toDecideQuery);
  const count = waiting.data?.length ?? 0;
  const held = useHeldDelegations(!decides);
  // Who approves personal data need not have such a role anywhere.
  if (!decides && count === 0 && held.length === 0) return null;
  return (
    <Link to="/queue" activeOptions={{ includeSearch: false }} className={navStyle}>
      Queue
      {count > 0 && (
        <span className="min-w-4.5 rounded-full bg-accent px-1.5 text-center text-xs font-medium text-on-accent tabular">
          {count}
          <span className="sr-only"> waiting for you</span>
        </span>
      )}
    </Link>
  );
}

/** For people who answer for a domain: the number is what nobody has taken up of their own domains. */
function IncidentsLink({ me }: { me: Me }) {
  const own = me.domains.filter(({ role }) => role !== 'analyst').map(({ name }) => name);
  const answers = me.administrator || own.length > 0;
  const incidents = useQuery({ ...incidentsQuery(false), enabled: answers });
  if (!answers) return null;
  const open = (incidents.data ?? []).filter(
    ({ product, state }) => state === 'open' && own.includes(product.split('.')[0] ?? ''),
  ).length;
  return (
    <Link to="/incidents" activeOptions={{ includeSearch: false }} className={navStyle}>
      Incidents
      {open > 0 && (
        <span className="min-w-4.5 rounded-full bg-bad px-1.5 text-center text-xs font-medium text-surface tabular">
          {open}
          <span className="sr-only"> of your domains are open</span>
        </span>
      )}
    </Link>
  );
}

/** A bell with what is unread; the number is said in words too. */
function InboxLink() {
  const { data } = useQuery(unreadQuery);
  const unread = data?.unread ?? 0;
  const count = data?.more === true ? `${unread - 1}+` : String(unread);
  return (
    <Link
      to="/inbox"
      activeOptions={{ includeSearch: false }}
      aria-label={unread === 0 ? 'Inbox' : `Inbox, ${count} unread`}
      title="Inbox"
      className="relative flex size-8 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:text-ink"
    >
      <Bell className="size-4" aria-hidden="true" />
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="absolute -top-0.5 -right-1 min-w-4 rounded-full bg-accent px-1 text-center text-[0.625rem] leading-4 font-medium text-on-accent tabular"
        >
          {count}
        </span>
      )}
    </Link>
  );
}

function PersonMenu({ me }: { me: Me }) {
  const router = useRouter();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await router.navigate({ to: '/', search: {} });
      startOver(null);
    },
  });
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="flex h-8 max-w-48 items-center gap-1.5 rounded-md px-2 hover:bg-hover">
        <span className="truncate">{me.principal.name}</span>
        <ChevronDown className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-30 w-64 rounded-lg border border-line bg-surface p-1 shadow-lift"
        >
          <DropdownMenu.Label className="px-2.5 py-2">
            <span className="block truncate font-medium">{me.principal.name}</span>
            <span className="block truncate text-sm text-ink-faint">
              {me.principal.email ?? me.principal.kind}
            </span>
            {me.administrator && <Badge className="mt-1.5">administrator</Badge>}
          </DropdownMenu.Label>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <MyDomains me={me} />
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          {me.domains.some(({ role }) => role !== 'analyst') && (
            <MenuItem icon={Webhook} onSelect={() => void router.navigate({ to: '/webhooks' })}>
              Webhooks
            </MenuItem>
          )}
          {me.domains.some(({ role }) => role === 'owner' || role === 'steward') && (
            <MenuItem icon={Eraser} onSelect={() => void router.navigate({ to: '/erasures' })}>
              Erasures
            </MenuItem>
          )}
          {(me.administrator || me.domains.some(({ role }) => role === 'owner' || role === 'steward')) && (
            <MenuItem icon={ScrollText} onSelect={() => void router.navigate({ to: '/audit' })}>
              Audit
            </MenuItem>
          )}
          <MenuItem icon={KeyRound} onSelect={() => void router.navigate({ to: '/account' })}>
            Signing in
          </MenuItem>
          <MenuItem icon={LogOut} onSelect={() => leave.mutate()}>
            {me.demo ? 'Enter as somebody else' : 'Sign out'}
          </MenuItem>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function MyDomains({ me }: { me: Me }) {
  return (
    <ul className="space-y-1 px-2.5 py-1.5 text-sm" aria-label="My domains">
      {me.domains.map((domain) => (
        <li key={`${domain.name} ${domain.role}`} className="flex justify-between gap-3">
          <span className="truncate">{domain.title}</span>
          <span className="text-ink-faint">{domain.role}</span>
        </li>
      ))}
      {me.domains.length === 0 && <li className="text-ink-faint">You are in no domain yet.</li>}
    </ul>
  );
}

interface MenuItemProps {
  icon: LucideIcon;
  onSelect: () => void;
  children: ReactNode;
}

function MenuItem({ icon: Icon, onSelect, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className="flex h-8 cursor-pointer items-center gap-2 rounded-md px-2.5 outline-none data-[highlighted]:bg-hover"
    >
      <Icon className="size-4 text-ink-faint" aria-hidden="true" />
      {children}
    </DropdownMenu.Item>
  );
}
