import { earlierEnd } from '../end-date.ts';
import { EVERYTHING, type GrantedAccess } from '../grant.ts';
import { narrowFurther } from './narrow.ts';
import type { StepDecision } from './store.ts';

interface Asked {
  asked_columns: string[] | null;
  requested_until: Date | null;
  decisions: StepDecision[];
}

/** What a request asks for, as far as the steps that were decided left it. Pure. */
export function leftOfRequest(request: Asked): { granted: GrantedAccess; until: Date | null } {
  const asked = { ...EVERYTHING, columns: request.asked_columns };
  let left: { granted: GrantedAccess; until: Date | null } = {
    granted: asked,
    until: request.requested_until,
  };
  for (const { granted, until } of request.decisions) {
    if (granted === null) continue;
    left = {
      granted: narrowFurther(left.granted, granted),
      until: earlierEnd(left.until, until === null ? null : new Date(until)),
    };
  }
  return left;
}
