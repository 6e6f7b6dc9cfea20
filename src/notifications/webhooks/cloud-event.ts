import { isoTime } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { eventLink } from '../event-link.ts';

export interface SentEvent {
  id: string;
  type: string;
  subject: string;
  at: Date;
  title: string;
  data: Record<string, unknown>;
  /** The producer's domain by name; null when it is gone. */
  domain: string | null;
}

export const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/**
 * An event as a structured CloudEvent (CloudEvents 1.0.2, JSON format §3). The same event gives the same
 * text each time, so that an attempt made again says the same.
 */
export function cloudEvent(event: SentEvent, publicUrl: string | null): string {
  const base = publicUrl ?? '';
  const data = { title: event.title, link: base + eventLink(event) };
  const whole = JSON.stringify(envelope(event, base, { ...data, ...event.data }));
  if (Buffer.byteLength(whole) <= LIMITS.webhookBytes) return whole;
  return JSON.stringify(envelope(event, base, { ...data, truncated: true }));
}

function envelope(event: SentEvent, base: string, data: Record<string, unknown>) {
  return {
    specversion: '1.0',
    id: event.id,
    source: `${base}/domains/${event.domain ?? ''}`,
    type: `io.crossdock.${event.type}`,
    subject: event.subject,
    time: isoTime(event.at),
    datacontenttype: 'application/json',
    data,
  };
}
