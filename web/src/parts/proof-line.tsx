import { Link } from '@tanstack/react-router';
import { proofWords } from '../proof.ts';
import type { AccessProof } from '../api-types.ts';
import { Badge } from './badge.tsx';
import { Ago } from './moment.tsx';

/** What canaries proved of a grant, when, and by which doors; nothing for what never was granted. */
export function ProofLine({ of }: { of: { state: string; proof: AccessProof | null } }) {
  const words = proofWords(of);
  if (words === null) return null;
  const isDrift = of.proof?.state === 'drift';
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-1.5 gap-y-0.5 text-xs text-ink-faint">
      <Badge tone={words.tone}>{words.label}</Badge>
      <span>
        {words.meaning}
        {of.proof?.at && (
          <>
            , {isDrift && 'last as it should be '}
            <Ago at={of.proof.at} />
          </>
        )}
      </span>
      {isDrift && (
        <Link to="/incidents" className="text-accent underline-offset-2 hover:underline">
          See the incident
        </Link>
      )}
    </p>
  );
}
