import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../context.ts';
import { needAdministrator } from './need-person.ts';
import { listAllPeople } from './store.ts';

export const listEverybody = operation({
  name: 'person.list',
  summary: 'The people of the mesh: who has a password, who may not sign in any more.',
  effect: 'read',
  http: { method: 'GET', path: '/people' },
  scope: 'admin',
  input: z.object({
    after: z.string().max(320).default('').describe('cursor: `next` of the page before'),
    limit: z.coerce.number().int().min(1).max(LIMITS.pageRows).default(100),
  }),
  output: z.object({
    people: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        administrator: z.boolean(),
        passwordSetAt: z.string().nullable(),
        disabledAt: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  async run({ caller, database }, { after, limit }) {
    needAdministrator(caller, 'list');
    const rows = await listAllPeople(database.reader, limit + 1, after);
    const people = rows.slice(0, limit).map(({ id, name, email, administrator, ...row }) => ({
      id,
      name,
      email: email ?? '',
      administrator,
      passwordSetAt: row.changed_at === null ? null : isoTime(row.changed_at),
      disabledAt: row.disabled_at === null ? null : isoTime(row.disabled_at),
    }));
    return { people, next: rows.length > limit ? (people.at(-1)?.email ?? null) : null };
  },
});
