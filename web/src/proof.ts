import type { AccessProof } from './api-types.ts';

export interface ProofWords {
  label: string;
  tone: 'good' | 'neutral' | 'bad';
  meaning: string;
}

const DOORS = 'SQL and the data API';

/** What canaries proved of a grant, in words; null for what never was granted. */
export function proofWords({
  state,
  proof,
}: {
  state: string;
  proof: AccessProof | null;
}): ProofWords | null {
  if (proof === null) return null;
  const isOpen = state === 'active';
  if (proof.state === 'drift') {
    const meaning = isOpen
      ? 'canaries found that what can be read is not what was granted'
      : 'canaries could read rows although the access has ended';
    return { label: 'drift', tone: 'bad', meaning };
  }
  if (isOpen && proof.state === 'forbidden') {
    return { label: 'forbidden', tone: 'bad', meaning: 'active, but a policy forbids reading it now' };
  }
  if (isOpen) {
    return proof.state === 'proven'
      ? { label: 'proven', tone: 'good', meaning: `${DOORS} give what was granted` }
      : {
          label: 'not proven yet',
          tone: 'neutral',
          meaning: `canaries ask ${DOORS} in their next round`,
        };
  }
  return proof.state === 'proven'
    ? { label: `${state}, proven`, tone: 'good', meaning: `${DOORS} give nothing by it` }
    : { label: `${state}, not proven yet`, tone: 'neutral', meaning: `canaries ask ${DOORS} within minutes` };
}
