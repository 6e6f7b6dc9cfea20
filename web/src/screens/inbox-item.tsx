import { useRouter } from '@tanstack/react-router';
import { useRef, type MouseEvent } from 'react';
import type { InboxEntry } from '../notification-types.ts';
import { sentence } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { cn } from '../parts/class-names.ts';
import { Ago } from '../parts/moment.tsx';

/** One entry: the link leads to what it is about and reads it; the button reads it where it stands. */
export function InboxItem({ entry, onRead }: { entry: InboxEntry; onRead: () => void }) {
  const { history } = useRouter();
  const link = useRef<HTMLAnchorElement>(null);
  const follow = (event: MouseEvent) => {
    onRead();
    // A new tab or window is the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    history.push(entry.link);
  };
  const read = () => {
    // The button goes: without this the keyboard would be back at the top of the page.
    link.current?.focus();
    onRead();
  };
  return (
    <li className="flex items-start gap-3 px-4 py-3">
      <span
        className={cn('mt-1.5 size-2 shrink-0 rounded-full', entry.read ? 'bg-transparent' : 'bg-accent')}
        aria-hidden="true"
      />
      <div className="min-w-0 flex-1">
        <a
          ref={link}
          href={entry.link}
          onClick={follow}
          className={cn(
            'block w-fit break-words hover:underline',
            entry.read ? 'text-ink-soft' : 'font-medium',
          )}
        >
          {!entry.read && <span className="sr-only">Unread: </span>}
          {sentence(entry.title)}
        </a>
        <p className="text-sm text-ink-faint">
          <span className="font-mono text-xs">{entry.type}</span> · <Ago at={entry.at} />
        </p>
      </div>
      {!entry.read && (
        <Button look="quiet" size="small" onClick={read} aria-label={`Mark as read: ${entry.title}`}>
          Mark as read
        </Button>
      )}
    </li>
  );
}
