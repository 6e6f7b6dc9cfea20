import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import type { Access, ProductStatus } from '../api-types.ts';
import { cn } from './class-names.ts';

const badgeStyle = cva(
  'inline-flex h-5 shrink-0 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap [&_svg]:size-3',
  {
    variants: {
      tone: {
        neutral: 'bg-sunken text-ink-soft',
        accent: 'bg-accent-soft text-accent',
        good: 'bg-good-soft text-good',
        warn: 'bg-warn-soft text-warn',
        bad: 'bg-bad-soft text-bad',
        outline: 'border border-line text-ink-faint',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
);

export type Tone = NonNullable<VariantProps<typeof badgeStyle>['tone']>;

export function Badge({ tone, className, ...rest }: ComponentProps<'span'> & { tone?: Tone }) {
  return <span className={cn(badgeStyle({ tone }), className)} {...rest} />;
}

const ACCESS: Record<Access, { tone: Tone; label: string }> = {
  own: { tone: 'accent', label: 'Yours' },
  active: { tone: 'good', label: 'You have access' },
  forbidden: { tone: 'bad', label: 'Forbidden by a policy' },
  requested: { tone: 'warn', label: 'Requested' },
  expired: { tone: 'bad', label: 'Expired' },
  none: { tone: 'outline', label: 'On request' },
};

export function AccessBadge({ access }: { access: Access }) {
  const { tone, label } = ACCESS[access];
  return <Badge tone={tone}>{label}</Badge>;
}

/** Nothing for a published product: that is the normal case. */
export function StatusBadge({ status }: { status: ProductStatus }) {
  if (status === 'published') return null;
  return <Badge tone={status === 'draft' ? 'neutral' : 'warn'}>{status}</Badge>;
}

const STATES: Record<string, Tone> = {
  active: 'good',
  approved: 'good',
  released: 'good',
  requested: 'warn',
  waiting: 'neutral',
  queued: 'neutral',
  running: 'accent',
  blocked: 'bad',
  failed: 'bad',
  rejected: 'bad',
  revoked: 'bad',
  expired: 'neutral',
  cancelled: 'neutral',
  open: 'bad',
  acknowledged: 'warn',
  closed: 'neutral',
  skipped: 'warn',
  planning: 'accent',
  erasing: 'accent',
  done: 'good',
};

/** That something is wrong with a product; nothing where all is well. */
export function IncidentBadge({ severity }: { severity: 'error' | 'warning' | null | undefined }) {
  if (!severity) return null;
  return <Badge tone={severity === 'error' ? 'bad' : 'warn'}>incident</Badge>;
}

/** The state of a request, a subscription or a run, in its own word. */
export function StateBadge({ state }: { state: string }) {
  return <Badge tone={STATES[state] ?? 'neutral'}>{state}</Badge>;
}

/** `layer:aggregate`, with its key stepping back behind its value. */
export function TagBadge({ tag }: { tag: string }) {
  const cut = tag.indexOf(':') + 1;
  return (
    <Badge className="gap-0">
      {cut > 0 && <span className="font-normal text-ink-faint">{tag.slice(0, cut)}</span>}
      {tag.slice(cut)}
    </Badge>
  );
}

export function Tags({ tags, limit = 6 }: { tags: string[]; limit?: number }) {
  if (tags.length === 0) return null;
  const rest = tags.length - limit;
  return (
    <ul className="flex flex-wrap gap-1" aria-label="Tags">
      {tags.slice(0, limit).map((tag) => (
        <li key={tag} className="flex">
          <TagBadge tag={tag} />
        </li>
      ))}
      {rest > 0 && (
        <li className="flex" title={tags.slice(limit).join(', ')}>
          <Badge>+{rest}</Badge>
        </li>
      )}
    </ul>
  );
}
