import { MeshError } from '../base/errors.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { PostgresPlace, PostgresTable } from '../pipelines/contract-test/store.ts';
import type { Shell } from './command.ts';

const DEFAULT_PORT = 5432;

/** `postgres://[user[:password]@]host[:port]/database[?sslmode=require]`; credentials better come from the environment. */
export function placeOfUrl(url: string, { config }: Shell): PostgresPlace {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw wrong('--postgres takes postgres://host/database');
  const { user, password } = config.postgres;
  const given = (text: string) => (text === '' ? undefined : decodeURIComponent(text));
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: Number(parsed.port || DEFAULT_PORT),
    database: decodeURIComponent(parsed.pathname.slice(1)),
    user: given(parsed.username) ?? user,
    password: given(parsed.password) ?? password,
    tls: /^(require|verify-ca|verify-full)$/.test(parsed.searchParams.get('sslmode') ?? ''),
  };
}

type Server = NonNullable<Contract['servers']>[number];

/** Where an entry of the contract's `servers` is. A contract holds no credentials: they come from the environment. */
export function placeOfServer(server: Server, { config }: Shell): PostgresPlace | null {
  if (server.type !== 'postgres' && server.type !== 'postgresql') return null;
  return {
    host: server.host ?? 'localhost',
    port: portOf(server),
    database: server.database ?? '',
    ...config.postgres,
    tls: false,
  };
}

/** ODCS 3.2 allows text: a number that came from a variable. */
function portOf({ server, port = DEFAULT_PORT }: Server): number {
  const number = Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw wrong(`the port of server ${server} is ${port}, which is no port`);
}

export function serverOf({ servers = [] }: Contract, name: string): Server {
  const found = servers.find(({ server }) => server === name);
  if (found !== undefined) return found;
  const names = servers.map(({ server }) => server).join(', ') || 'none';
  throw wrong(`the contract has no server ${name}; it has ${names}`);
}

/** `sales.orders`, or `orders` in the schema that is usual. */
export function tableOf(text: string, schema = 'public'): PostgresTable {
  const [first = '', ...rest] = text.split('.');
  return rest.length === 0 ? { schema, name: first } : { schema: first, name: rest.join('.') };
}

export function wrong(message: string): MeshError {
  return new MeshError('input.invalid', { problems: [{ message }] });
}
