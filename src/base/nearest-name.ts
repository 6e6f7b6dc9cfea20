import { distance } from 'fastest-levenshtein';

/** The candidate a person most likely meant, or `null` when none is near. */
export function nearestName(name: string, candidates: string[]): string | null {
  const wanted = name.toLowerCase();
  let best: { name: string; edits: number } | null = null;
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate.toLowerCase());
    if (!best || edits < best.edits) best = { name: candidate, edits };
  }
  return best && best.edits <= Math.max(2, Math.floor(name.length / 3)) ? best.name : null;
}
