/** Shapes of the API: the inbox, and the endpoints that programs are told at. */

/** Something I was told; `link` is a path of this app. */
export interface InboxEntry {
  id: string;
  type: string;
  subject: string;
  title: string;
  at: string;
  read: boolean;
  link: string;
}

export interface InboxPage {
  entries: InboxEntry[];
  next: string | null;
}

/** An endpoint that events of a domain are sent to. */
export interface Webhook {
  id: string;
  url: string;
  description: string;
  /** Empty: every kind. */
  types: string[];
  products: string[];
  createdAt: string;
  succeededAt: string | null;
  disabledAt: string | null;
  disabledReason: string | null;
}

export interface NewWebhook {
  url: string;
  description: string;
  types: string[];
  products: string[];
}

export interface WebhookTest {
  delivered: boolean;
  status: number | null;
  error: string | null;
  durationMs: number;
}

export interface WebhookDelivery {
  id: string;
  type: string;
  subject: string;
  title: string;
  state: 'waiting' | 'delivered' | 'failed' | 'dropped';
  createdAt: string;
  attempts: { at: string; durationMs: number; status: number | null; error: string | null }[];
}

export interface InboxKind {
  type: string;
  meaning: string;
  on: boolean;
}
