import { expect, test } from 'vitest';
import { proofWords } from './proof.ts';

const label = (state: string, proof: 'proven' | 'forbidden' | 'drift' | 'pending') =>
  proofWords({ state, proof: { state: proof, at: null } })?.label;

test('an end that is proven is told apart from one that is not yet', () => {
  expect(label('revoked', 'proven')).toBe('revoked, proven');
  expect(label('expired', 'pending')).toBe('expired, not proven yet');
});

test('of what is open a proof says that it is open; drift is drift on both sides of the end', () => {
  expect(label('active', 'proven')).toBe('proven');
  expect(label('active', 'drift')).toBe('drift');
  expect(label('revoked', 'drift')).toBe('drift');
});

test('a policy that shuts what is granted is said, and nothing is called proven', () => {
  expect(proofWords({ state: 'active', proof: { state: 'forbidden', at: null } })).toEqual({
    ...{ label: 'forbidden', tone: 'bad' },
    meaning: 'active, but a policy forbids reading it now',
  });
});

test('what never was granted has no proof', () => {
  expect(proofWords({ state: 'rejected', proof: null })).toBeNull();
});
