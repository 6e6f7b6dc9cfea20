import type { Json, NullableTime, Time } from './column-types.ts';

export interface MeshEventRow {
  id: string;
  type: string;
  subject: string;
  at: Time;
  domain_id: string | null;
  product_id: string | null;
  audience: Json<string | string[]>;
  actor: string | null;
  title: string;
  data: Json<Record<string, unknown>>;
  /** Unique: what is announced with it is announced once. */
  once: string | null;
  /** When inboxes and deliveries were written for it. */
  delivered_at: NullableTime;
}

export interface NotificationRow {
  principal_id: string;
  event_id: string;
  created_at: Time;
  read_at: NullableTime;
}

/** A kind of event that somebody does not want in their inbox. */
export interface MutedEventRow {
  principal_id: string;
  type: string;
}

export interface WebhookRow {
  id: string;
  domain_id: string;
  url: string;
  description: string;
  /** Empty: every type. */
  types: Json<string[]>;
  /** `domain.product`; empty: every product. */
  products: Json<string[]>;
  /** Encrypted by `base/secret-box.ts`. */
  secret: string;
  /** The secret before a rotation: signs too until `former_until`. */
  former_secret: string | null;
  former_until: NullableTime;
  disabled_at: NullableTime;
  disabled_reason: string | null;
  succeeded_at: NullableTime;
  created_by: string;
  created_at: Time;
}

export interface WebhookDeliveryRow {
  id: string;
  webhook_id: string;
  event_id: string;
  state: 'waiting' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  next_at: NullableTime;
  created_at: Time;
  finished_at: NullableTime;
}

export interface WebhookAttemptRow {
  delivery_id: string;
  number: number;
  at: Time;
  duration_ms: number;
  status: number | null;
  error: string | null;
  /** The beginning of what the endpoint answered. */
  answer: string | null;
}
