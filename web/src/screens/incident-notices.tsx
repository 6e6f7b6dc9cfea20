import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { Incident } from '../api-types.ts';
import { sentence } from '../format.ts';
import { cn } from '../parts/class-names.ts';
import { Ago } from '../parts/moment.tsx';

/** What is wrong with the product right now, since when, and what it means for whoever reads it. */
export function IncidentNotices({ incidents }: { incidents: Incident[] }) {
  if (incidents.length === 0) return null;
  return (
    <ul aria-label="Incidents" className="space-y-2">
      {incidents.map((incident) => (
        <li key={incident.id}>
          <IncidentNotice incident={incident} />
        </li>
      ))}
    </ul>
  );
}

function IncidentNotice({ incident }: { incident: Incident }) {
  const isError = incident.severity === 'error';
  const Icon = isError ? CircleAlert : TriangleAlert;
  return (
    <div
      className={cn(
        'flex items-start gap-2.5 rounded-lg border px-4 py-2.5',
        isError ? 'border-bad/35 bg-bad-soft' : 'border-warn/35 bg-warn-soft',
      )}
    >
      <Icon
        className={cn('mt-[3px] size-4 shrink-0', isError ? 'text-bad' : 'text-warn')}
        aria-hidden="true"
      />
      <div className="min-w-0 space-y-0.5">
        <p className="break-words">
          <span className="sr-only">{incident.severity}: </span>
          <span className="font-medium">{incident.dataset}: </span>
          {sentence(incident.summary)}
        </p>
        <p className="text-sm text-ink-soft">
          {incident.meaning} Since <Ago at={incident.openedAt} />
          {incident.state === 'acknowledged' && '; its producer looks after it'}.
        </p>
      </div>
    </div>
  );
}
