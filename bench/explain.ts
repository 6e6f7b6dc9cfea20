import { setTimeout as sleep } from 'node:timers/promises';
import { openTestMesh, type Person, type TestMesh } from '../test/fixtures/mesh.ts';
import { type Bench, latencies, type Line, timed } from './bench.ts';
import {
  EMAIL,
  fillGrants,
  grantCount,
  type GrantsMesh,
  HUB,
  personEmail,
  productName,
  revokeSome,
} from './grants-mesh.ts';
import { EMBEDDED } from './sales-mesh.ts';

const BAR_MS = 200;
const LARGE: GrantsMesh = { domains: 1_000, consumers: 100 };
const SMALL: GrantsMesh = { domains: 200, consumers: 20 };

/**
 * The promise is PostgreSQL's; without one, a small mesh on the embedded database is asked.
 *
 * Who can see a column, over HTTP, the first page of a hundred: of products with a hundred consumers, and each
 * tenth time of one that every domain subscribes to. Then what one person can see: the first page of a hundred.
 */
export const explain: Bench = {
  name: 'explain',
  async run({ quick }) {
    if (process.env['CROSSDOCK_TEST_DATABASE_URL'] === undefined)
      return explainOn({ where: 'embedded database', settings: EMBEDDED, size: SMALL, quick });
    const settings = { CROSSDOCK_RATE_LIMIT: EMBEDDED.CROSSDOCK_RATE_LIMIT };
    return explainOn({ where: 'PostgreSQL', settings, size: quick ? SMALL : LARGE, quick });
  },
};

interface Place {
  where: string;
  settings: Record<string, string>;
  size: GrantsMesh;
  quick: boolean;
}

async function explainOn({ where, settings, size, quick }: Place): Promise<Line[]> {
  const mesh = await openTestMesh(`bench/explain-${where}`, { settings });
  try {
    await fillGrants(mesh, size);
    const before = new Date().toISOString();
    await sleep(10);
    await revokeSome(mesh);
    // The server counts itself busy for a while after such a load.
    await sleep(3_000);
    const rounds = quick ? 20 : 100;
    const grants = `${grantCount(size).toLocaleString('en')} grants, ${where}`;
    const line = (subject: string, elapsedMs: number[], barMs: number | null = BAR_MS) =>
      latencies({ subject: `${subject}, ${grants}`, elapsedMs, share: 0.95, barMs });
    const asked = { mesh, size, rounds };
    return [
      line('who can see a column', await askAbout(asked, '')),
      line('who could see it at a past moment', await askAbout(asked, `&at=${before}`)),
      line('what a person can see', await askOf(asked, ''), null),
      line('what they could see at a past moment', await askOf(asked, `&at=${before}`), null),
    ];
  } finally {
    await mesh.close();
  }
}

interface Asked {
  mesh: TestMesh;
  size: GrantsMesh;
  rounds: number;
}

/** Rounds over products and columns, each asked by a steward of its producer. */
async function askAbout({ mesh, size, rounds }: Asked, more: string): Promise<number[]> {
  const elapsedMs: number[] = [];
  for (let round = -10; round < rounds; round++) {
    const number = round % 10 === 0 ? 0 : ((round + 10) * 37) % size.domains;
    const name = number === 0 ? HUB : productName(number);
    const column = [EMAIL, 'c3', 'c9'][(round + 12) % 3]!;
    const steward = await mesh.person(personEmail(number, 1));
    const elapsed = await timed(() => readers(steward, `${name}.facts.${column}`, more));
    if (round >= 0) elapsedMs.push(elapsed);
  }
  return elapsedMs;
}

async function readers(steward: Person, name: string, more: string): Promise<void> {
  const { status, body } = await steward.get(`/api/v1/readers?name=${name}&limit=100${more}`);
  if (status !== 200 || body.readers.length < 50)
    throw new Error(`${name}: ${JSON.stringify(body).slice(0, 500)}`);
}

/** Rounds over people, each asked by the steward of their domain. */
async function askOf({ mesh, size, rounds }: Asked, more: string): Promise<number[]> {
  const elapsedMs: number[] = [];
  for (let round = -10; round < rounds; round++) {
    const number = ((round + 10) * 37) % size.domains;
    const steward = await mesh.person(personEmail(number, 1));
    const elapsed = await timed(async () => {
      const of = personEmail(number, 2 + ((round + 10) % 8));
      const { status, body } = await steward.get(`/api/v1/access?of=${of}&limit=100${more}`);
      if (status !== 200 || body.paths.length < 10) throw new Error(JSON.stringify(body).slice(0, 500));
    });
    if (round >= 0) elapsedMs.push(elapsed);
  }
  return elapsedMs;
}
