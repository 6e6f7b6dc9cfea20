import { recordChange, ruledBy } from '../../audit/record-change.ts';
import { isoTime } from '../../base/clock.ts';
import type { Context } from '../../identity/context.ts';
import type { Granted } from '../../policy/decide.ts';
import type { Transaction } from '../../store/database.ts';
import { announce } from '../../store/outbox.ts';
import { announceVersion } from '../announce-version.ts';
import type { Verdict } from '../publication.ts';
import { lockProduct, markPublished, type NamedProduct } from '../store.ts';
import { versionHash } from '../version-hash.ts';
import { insertVersion, listActive, listOtherMajors, listVersions, markCurrent } from './store.ts';
import { defaultSunset, lastDayOf } from './sunset.ts';

export interface Judged {
  product: NamedProduct;
  granted: Granted<'product.publish'>;
  /** When the major before stops being served; null leaves it to the default. */
  sunsetAt: Date | null;
  verdict: Verdict;
}

/** Version, state, audit and events of a publication that was judged. */
export async function writePublication(
  context: Context,
  transaction: Transaction,
  judged: Judged,
): Promise<void> {
  const { product, granted, verdict } = judged;
  const at = context.clock.now();
  const known = await listVersions(transaction, product.id);
  const changes = verdict.changes.map(({ dataset, class: kind, code, message }) => ({
    ...{ dataset, class: kind, code, message },
  }));
  if (!known.some(({ version }) => version === product.version)) {
    await insertVersion(transaction, {
      productId: product.id,
      version: product.version,
      text: product.text,
      hash: versionHash(product.document),
      by: context.caller.id,
      changes,
      at,
    });
  }
  await markPublished(transaction, granted, { ...product, at });
  await recordChange(context, transaction, {
    action: 'product.publish',
    object: product.id,
    domainId: product.domain_id,
    ...ruledBy(granted),
    facts: {
      product: `${product.domain}.${product.name}`,
      version: product.version,
      from: product.status,
      before: verdict.before,
      required: verdict.required,
    },
  });
  await announceVersion(context, transaction, { product, type: 'product.version.published' });
  await supersede(context, transaction, { ...judged, at });
}

/** A new major takes the name; the one before is served beside it until its sunset, and its consumers are told. */
async function supersede(
  context: Context,
  transaction: Transaction,
  { product, granted, at, sunsetAt, verdict }: Judged & { at: Date },
): Promise<void> {
  if (product.is_current) return;
  const majors = await listOtherMajors(transaction, product);
  const before = majors.find(({ is_current }) => is_current);
  if (before === undefined) return;
  await lockProduct(transaction, before.id);
  const end = sunsetAt ?? defaultSunset(at);
  await markCurrent(transaction, granted, { id: product.id, instead: before.id, sunsetAt: end, at });
  if (before.status === 'retired') return;
  const name = `${product.domain}.${product.name}`;
  const old = `${name}@${before.major}`;
  await recordChange(context, transaction, {
    action: 'product.deprecate',
    object: before.id,
    domainId: product.domain_id,
    ...ruledBy(granted),
    facts: { product: old, version: before.version, successor: product.version, sunset: isoTime(end) },
  });
  for (const { id, domain_id, purpose } of await listActive(transaction, before.id)) {
    const reads = verdict.impact.filter(({ subscription }) => subscription === id);
    await announce(context, transaction, {
      ...{ type: 'product.version.deprecated', subject: old, at, productId: before.id },
      domainId: product.domain_id,
      audience: [domain_id],
      actor: context.caller.id,
      title: `${name} ${product.version} takes the place of ${before.version}, served until ${lastDayOf(end)}`,
      data: {
        ...{ product: name, version: before.version, successor: product.version, sunset: isoTime(end) },
        ...{ subscription: id, purpose },
        changes: messagesOf(verdict),
        columnsYouRead: [...new Set(reads.flatMap(({ columns }) => columns))],
      },
    });
  }
}

/** An event is a message, not an archive; the product's page shows all of them. */
const MOST_MESSAGES = 20;

function messagesOf({ changes }: Verdict): string[] {
  const breaking = changes.filter((change) => change.class === 'breaking');
  return breaking.slice(0, MOST_MESSAGES).map(({ dataset, message }) => `${dataset}: ${message}`);
}
