/** A decision or change of the audit. */
export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  door: string;
  address: string | null;
  action: string;
  object: string;
  allowed: boolean;
  reasons: string[];
}

/** What of the audit is shown; days are `2026-01-31`. */
export interface AuditFilter {
  person?: string | undefined;
  action?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}
