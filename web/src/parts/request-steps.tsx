import type { DecidedStep, RequestStep } from '../subscription-types.ts';
import { StateBadge } from './badge.tsx';
import { Ago } from './moment.tsx';

const TITLES: Record<RequestStep, string> = { owner: 'Producer', privacy: 'Personal data' };

interface Progress {
  steps: DecidedStep[];
  waitsFor: RequestStep | null;
}

/** How far a request has come: the steps that were decided, and the one that it waits for. */
export function RequestSteps({ request }: { request: Progress }) {
  const { steps, waitsFor } = request;
  return (
    <ol aria-label="Steps" className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {steps.map(({ step, decision, by, at }) => (
        <li key={step} className="flex flex-wrap items-center gap-1.5">
          <span className="font-medium">{TITLES[step]}</span>
          <StateBadge state={decision} />
          <span className="text-ink-faint">
            {by}, <Ago at={at} />
          </span>
        </li>
      ))}
      {waitsFor && (
        <li className="flex items-center gap-1.5">
          <span className="font-medium">{TITLES[waitsFor]}</span>
          <StateBadge state="waiting" />
        </li>
      )}
    </ol>
  );
}
