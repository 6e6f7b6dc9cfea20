/** The doors that canaries ask. */
export const CANARY_DOORS = ['query', 'data-api'] as const;
export type CanaryDoor = (typeof CANARY_DOORS)[number];

/** How a door differs from the grant. Without a value of any row. */
export interface Finding {
  datasetId: string;
  dataset: string;
  door: CanaryDoor;
  what: keyof typeof FINDINGS;
}

export const FINDINGS = {
  unreadable: 'a row that is granted cannot be read',
  'row-shown': 'a row that is not granted can be read',
  'value-shown': 'a row can be read with other values than are granted',
  'column-shown': 'a column that is not granted can be read',
  'still-open': 'rows can be read although nothing is granted any more',
} as const;

/** Beside a proof: the doors are as they should be, since a policy shuts what is granted. Read by the store. */
export const FORBIDDEN = { what: 'forbidden' } as const;

/** For those who answer for the product. */
export function describeFinding({ dataset, door, what }: Finding): string {
  return `${dataset}, ${door === 'query' ? 'SQL' : 'data API'}: ${FINDINGS[what]}`;
}
