import type { Mask } from './api-types.ts';

/** The masks an approver may choose, in words, with the kinds of column each is defined for. */
export const MASKS: { action: string; label: string; fits: RegExp | null }[] = [
  { action: 'mask-alphanum', label: 'characters blanked', fits: /^string/ },
  { action: 'show-first-4', label: 'first 4 characters', fits: /^string/ },
  { action: 'show-last-4', label: 'last 4 characters', fits: /^string/ },
  { action: 'truncate-to-year', label: 'only the year', fits: /^(date|timestamp)/ },
  { action: 'truncate-to-month', label: 'only the month', fits: /^(date|timestamp)/ },
  { action: 'sha-256-global', label: 'joinable hash', fits: /^(string|int|long|binary)/ },
  {
    action: 'sha-256-query-local',
    label: 'hash of one query',
    fits: /^(string|int|long|binary)/,
  },
  { action: 'replace-with-null', label: 'always empty', fits: null },
  { action: 'mask-to-fixed-value', label: 'a fixed value', fits: null },
];

export const masksFor = (type: string) => MASKS.filter(({ fits }) => fits === null || fits.test(type));

export function describeMask(mask: Mask | string | null | undefined): string {
  if (!mask) return 'masked';
  const action = typeof mask === 'string' ? mask : mask.action;
  if (typeof mask === 'object' && action === 'mask-to-fixed-value')
    return mask.value === undefined ? 'always the same value' : `always ${JSON.stringify(mask.value)}`;
  return MASKS.find((known) => known.action === action)?.label ?? action;
}
