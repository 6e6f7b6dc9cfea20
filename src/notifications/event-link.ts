/** Events that wait for somebody's decision. */
const ASKING = ['subscription.requested', 'subscription.privacy-requested'];

/** Where an event leads in the web app: the path of the screen that shows what it is about. */
export function eventLink(event: { type: string; subject: string; data: Record<string, unknown> }): string {
  const { type, subject, data } = event;
  const [domain = '', product, dataset] = subject.split('.').map(encodeURIComponent);
  if (ASKING.includes(type) && typeof data['subscription'] === 'string') {
    return `/queue?request=${encodeURIComponent(data['subscription'])}`;
  }
  if (type === 'mesh.rules-changed') return '/';
  if (product === undefined) return `/?domain=${domain}`;
  const page = `/products/${domain}/${product}`;
  if (dataset === undefined) return page;
  return type.startsWith('run.') ? `${page}?tab=runs` : `${page}?dataset=${dataset}`;
}
