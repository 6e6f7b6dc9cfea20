import { CircleAlert, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api.ts';
import { sentence } from '../format.ts';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';
import { Inline } from './prose.tsx';

/** Nothing is here, and what to do about it. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-1 rounded-lg border border-dashed border-line-strong px-6 py-12 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-md text-ink-soft">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}

const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(0, {
        code: 'web.broken',
        detail: 'this page could not show what the server answered',
        fix: 'Reload the page; if it stays, tell the operator what you were doing.',
      });

/** What is wrong with the field that this JSON pointer names, for the field to show. */
export function problemAt(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const problem = error.problems.find(
    (each) => each.pointer === pointer || each.pointer?.startsWith(`${pointer}/`),
  );
  return problem?.message;
}

/** What is wrong with the tags of a grant: not declared, or not this person's to give by. */
export function tagProblem(error: unknown): string | undefined {
  if (error instanceof ApiError && error.code === 'auth.tag') return sentence(error.message);
  return problemAt(error, '/tags');
}

interface ErrorNoticeProps {
  error: unknown;
  /** Tries again what failed. */
  retry?: () => void;
  /** Shown after the fix, for example a link that does it. */
  children?: ReactNode;
  className?: string;
}

/** A refusal: what happened, what to do, every problem with its place, and the code to search for. */
export function ErrorNotice({ error, retry, children, className }: ErrorNoticeProps) {
  const problem = asApiError(error);
  return (
    <div role="alert" className={cn('rounded-lg border border-bad/35 bg-bad-soft px-4 py-3', className)}>
      <div className="flex items-start gap-2.5">
        <CircleAlert className="mt-[3px] size-4 shrink-0 text-bad" aria-hidden="true" />
        <div className="min-w-0 flex-1 space-y-1">
          <p className="font-medium break-words text-ink">
            <Inline text={sentence(problem.message)} />
          </p>
          {problem.fix && (
            <p className="break-words text-ink-soft">
              <Inline text={problem.fix} />
            </p>
          )}
          <ProblemList problems={problem.problems} />
          {children}
          <p className="pt-0.5 font-mono text-xs text-ink-faint">
            {problem.code}
            {problem.requestId && ` · request ${problem.requestId}`}
          </p>
        </div>
        {retry && (
          <Button size="small" onClick={retry}>
            <RotateCw aria-hidden="true" /> Try again
          </Button>
        )}
      </div>
    </div>
  );
}

function ProblemList({ problems }: { problems: ApiError['problems'] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="space-y-0.5 text-ink-soft">
      {problems.map((problem, index) => (
        <li key={index} className="flex gap-2">
          <span className="shrink-0 font-mono text-xs leading-[1.375rem] text-bad">
            {problem.place ?? problem.pointer ?? '•'}
          </span>
          <span className="min-w-0 break-words">
            <Inline text={problem.message} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Grey lines in the place of what is being read. */
export function Loading({ lines = 4, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div role="status" className="space-y-3 py-2">
      <span className="sr-only">{label}…</span>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} aria-hidden="true" className="shimmer space-y-2">
          <div className="h-3.5 w-2/5 rounded-sm bg-sunken" />
          <div className="h-3 w-4/5 rounded-sm bg-sunken" />
        </div>
      ))}
    </div>
  );
}
