import { isoTime } from '../base/clock.ts';
import type { Context } from '../identity/context.ts';
import { listOtherMajors, listVersionsOf } from '../products/majors/store.ts';
import { addressOf } from '../products/product-name.ts';
import { bestStanding, standingOf } from '../products/standing.ts';
import { listStandings, type NamedProduct } from '../products/store.ts';
import type { MajorView, VersionView } from './product-page.ts';

/** The majors of a product with how the caller stands to each, newest first, and everything that was published. */
export async function majorsOf(
  context: Context,
  product: NamedProduct,
  may: { publish: boolean },
): Promise<{ majors: MajorView[]; versions: VersionView[] }> {
  const { reader } = context.database;
  const now = context.clock.now();
  const domainIds = context.caller.domains.map(({ id }) => id);
  const all = [product, ...(await listOtherMajors(reader, product))];
  // What was never offered is its producers' business.
  const rows = all.filter(({ published_at }) => published_at !== null || may.publish);
  const ids = rows.map(({ id }) => id);
  const facts = { holdings: await listStandings(reader, ids, domainIds), now };
  const majors = rows.map(({ id, version, major, status, is_current, sunset_at }): MajorView => {
    const { domain, name, domain_id } = product;
    return {
      ...{ major, version, current: is_current },
      address: addressOf({ domain, name, major, is_current }),
      status: sunset_at !== null && sunset_at <= now ? 'retired' : status,
      sunsetAt: sunset_at === null ? null : isoTime(sunset_at),
      access: bestStanding(domainIds.map((domainId) => standingOf({ id, domain_id }, domainId, facts))),
    };
  });
  const versions = await listVersionsOf(reader, ids);
  return {
    majors: majors.sort((left, right) => right.major - left.major),
    versions: versions.map(({ version, published_at, changes }) => ({
      version,
      publishedAt: isoTime(published_at),
      changes: changes as VersionView['changes'],
    })),
  };
}
