import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Asking } from '../identity-types.ts';
import { Button } from '../parts/button.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { Card } from '../parts/page.tsx';

const MEANINGS: Record<string, string> = {
  openid: 'know who you are',
  profile: 'know your name',
  email: 'know your e-mail address',
  offline_access: 'stay signed in when you are away',
  read: 'see what you see in the catalog',
  query: 'read the data you may read',
  write: 'request, approve, publish and change what you may',
  admin: 'do what you may as an administrator',
  lineage: 'report what other systems made of what',
};

interface AskingCardProps {
  asking: Asking;
  /** Who would be acted for. */
  name: string;
  busy: boolean;
  error: unknown;
  onDecide: (allow: boolean) => void;
  children?: ReactNode;
}

/** What a program wants to do for somebody, and their word on it. */
export function AskingCard({ asking, name, busy, error, onDecide, children }: AskingCardProps) {
  return (
    <Card className="space-y-4">
      <p>
        <strong className="font-medium">{asking.client}</strong> wants to act as{' '}
        <strong className="font-medium">{name}</strong>, and to:
      </p>
      <ul className="space-y-1">
        {asking.scopes.map((scope) => (
          <li key={scope} className="flex items-start gap-2">
            <Check className="mt-1 size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
            {MEANINGS[scope] ?? scope}
          </li>
        ))}
      </ul>
      {children}
      {error != null && <ErrorNotice error={error} />}
      <div className="flex gap-2">
        <Button look="primary" busy={busy} onClick={() => onDecide(true)}>
          Allow
        </Button>
        <Button busy={busy} onClick={() => onDecide(false)}>
          Refuse
        </Button>
      </div>
    </Card>
  );
}
