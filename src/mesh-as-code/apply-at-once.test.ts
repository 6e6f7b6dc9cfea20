import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { callerOf, openTestParts } from '../../test/fixtures/context.ts';
import type { Files } from '../../test/fixtures/mesh-files.ts';
import { edited, listFiles, only, sampleFiles } from '../../test/fixtures/sample-mesh.ts';
import type { Context } from '../identity/context.ts';
import { applyMesh } from './apply.ts';

const apply = (context: Context, files: Files) => applyMesh.run(context, { files: listFiles(files) });

/** A domain's files with somebody in them whom the mesh does not know yet. */
function naming(domain: string): Files {
  const newcomer = 'members:\n  - { person: new@both.example, name: New, role: analyst }\n';
  const own = only(sampleFiles(), `domains/${domain}/`);
  return edited(own, `domains/${domain}/domain.yaml`, ['members:\n', newcomer]);
}

// The embedded database has one transaction at a time.
test.runIf(process.env['CROSSDOCK_TEST_DATABASE_URL'])(
  'two domains applied at once name the same new person, and both have them',
  async () => {
    const mesh = await openTestParts('apply-at-once');
    const { database } = mesh.parts;
    await apply(mesh.as(callerOf('admin', [], true)), sampleFiles());
    const domains = await database.reader.selectFrom('domains').select(['id', 'name', 'title']).execute();
    const ownerOf = (domain: string) => {
      const own = domains.filter(({ name }) => name === domain);
      return mesh.as(
        callerOf(
          `owner of ${domain}`,
          own.map((one) => ({ ...one, role: 'owner' as const })),
        ),
      );
    };
    let other: Promise<unknown> = Promise.resolve();
    const transact: typeof database.transact = (work) =>
      database.transact(async (transaction) => {
        const result = await work(transaction);
        other = apply(ownerOf('marketing'), naming('marketing'));
        // It writes now, if nothing holds it.
        await Promise.race([other, sleep(2_000)]);
        return result;
      });
    await apply({ ...ownerOf('sales'), database: { ...database, transact } }, naming('sales'));
    await other;
    const memberships = await database.reader
      .selectFrom('memberships')
      .innerJoin('principals', 'principals.id', 'memberships.principal_id')
      .select('role')
      .where('email', '=', 'new@both.example')
      .execute();
    expect(memberships).toHaveLength(2);
    await mesh.close();
  },
);
