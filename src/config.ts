import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { MeshError, type Problem } from './base/errors.ts';
import { describe, parseInput } from './base/input-problems.ts';
import { type Network, parseNetwork } from './base/public-address.ts';
import { parseSecretKey } from './base/secret-box.ts';
import { suggest } from './contracts/suggest.ts';
import type { CompanySettings } from './identity/company/settings.ts';

function whole(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.coerce.number(message).int(message).min(least, message).max(most, message);
}

/** Every setting of the server, by the name of its environment variable. */
const SETTINGS = z.object({
  /** Where the embedded database, the lake and the demo's files live. */
  CROSSDOCK_DATA: z.string().min(1).default('.crossdock'),
  /** `postgres://…`: the mesh's metadata in PostgreSQL instead of the embedded database. */
  CROSSDOCK_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Schema of the mesh's tables in PostgreSQL; `<schema>_jobs` holds the queue. */
  CROSSDOCK_DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,40}$/, 'must begin with a-z or _ and hold only a-z, 0-9 and _, 41 at most')
    .default('crossdock'),
  /** Folder of table data; default `<data>/lake`. */
  CROSSDOCK_STORAGE: z.string().min(1).optional(),
  /** Folder whose sub folder `<domain>` is what the domain's file sources may read; default `<data>/sources`. */
  CROSSDOCK_SOURCES: z.string().min(1).optional(),
  /** Address to listen on. The default answers this machine only. */
  CROSSDOCK_HOST: z.string().min(1).default('127.0.0.1'),
  CROSSDOCK_PORT: whole(0, 65_535).default(8420),
  /** `https://…` when a proxy in front speaks TLS: cookies are then marked Secure. */
  CROSSDOCK_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Worker processes that run SQL. */
  CROSSDOCK_WORKERS: whole(1, 64).default(Math.max(2, Math.min(8, availableParallelism()))),
  /** Memory of one worker, in MiB. */
  CROSSDOCK_WORKER_MEMORY_MB: whole(256, 1_048_576).default(2048),
  /** Longest consumer query, in seconds. */
  CROSSDOCK_QUERY_SECONDS: whole(1, 3600).default(60),
  /** Requests a minute from one address. */
  CROSSDOCK_RATE_LIMIT: whole(10, 1_000_000).default(6000),
  /** Where the OpenLineage events of runs are sent on to; without it they stay here. */
  CROSSDOCK_OPENLINEAGE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Sent as bearer token with each of them. */
  CROSSDOCK_OPENLINEAGE_KEY: z.string().min(1).optional(),
  /** Seals the secrets of endpoints: 32 bytes, hexadecimal or base64; after a comma the keys before it. */
  CROSSDOCK_SECRET_KEY: z.string().min(1).optional(),
  /** Private networks that endpoints may lie in all the same, separated by commas: `10.1.0.0/16`. */
  CROSSDOCK_WEBHOOK_NETWORKS: z.string().default(''),
  /** The company's OpenID Connect provider: people sign in there. */
  CROSSDOCK_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  /** What the mesh is registered as there. */
  CROSSDOCK_OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Without it the mesh is a public client, with PKCE alone. */
  CROSSDOCK_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** Its access tokens count at the API when they are for this audience; without it none do. */
  CROSSDOCK_OIDC_AUDIENCE: z.string().min(1).optional(),
  CROSSDOCK_OIDC_SCOPES: z.string().min(1).default('openid profile email'),
  /** What the sign-in page calls it. */
  CROSSDOCK_OIDC_TITLE: z.string().min(1).max(60).default('your company'),
  /** The claim that holds a person's groups. */
  CROSSDOCK_OIDC_GROUPS_CLAIM: z.string().min(1).default('groups'),
  /** Claims that rules and policies may read, separated by commas. */
  CROSSDOCK_OIDC_CLAIMS: z.string().default(''),
  /** Whether an address counts that the provider does not call verified. */
  CROSSDOCK_OIDC_EMAIL: z.enum(['verified', 'any']).default('verified'),
  /** Which groups and claims make whom a member: `[{"group": "…", "domain": "sales", "role": "analyst"}]`. */
  CROSSDOCK_OIDC_ROLES: z.string().default('[]'),
  /** Whether endpoints may be `http://`: for development. */
  CROSSDOCK_WEBHOOK_HTTP: z.enum(['refuse', 'allow']).default('refuse'),
  CROSSDOCK_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

/** What the command line needs to know of its surroundings. */
const CLIENT_SETTINGS = z.object({
  CROSSDOCK_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:8420'),
  CROSSDOCK_TOKEN: z.string().min(1).optional(),
  CROSSDOCK_CONFIG: z
    .string()
    .min(1)
    .default(join(homedir(), '.config', 'crossdock')),
  NO_COLOR: z.string().optional(),
  /** Credentials of the PostgreSQL that `contract test` reads, as libpq names them. */
  PGUSER: z.string().optional(),
  PGPASSWORD: z.string().optional(),
});

export interface Config {
  dataFolder: string;
  database: { folder: string } | { url: string; schema: string };
  storageFolder: string;
  sourcesFolder: string;
  host: string;
  port: number;
  publicUrl: string | null;
  workers: number;
  workerMemoryBytes: number;
  queryMs: number;
  requestsPerMinute: number;
  openLineage: { url: string; key: string | null } | null;
  /** The newest first; null when none is set. */
  secretKeys: Buffer[] | null;
  webhookNetworks: Network[];
  webhookHttp: boolean;
  company: CompanySettings | null;
  logLevel: string;
}

export interface ClientConfig {
  url: string;
  token: string | null;
  configFolder: string;
  color: boolean;
  workerMemoryBytes: number;
  postgres: { user: string | undefined; password: string | undefined };
  /** A variable of the environment that the command line was told to use. */
  variable(name: string): string | undefined;
}

export type Environment = Record<string, string | undefined>;

/**
 * The server's configuration from the environment; `overrides` (command line flags) win.
 * @throws MeshError `config.invalid` with every problem at once
 */
export function readConfig(environment: Environment = process.env, overrides: Environment = {}): Config {
  const set = { ...environment, ...dropUndefined(overrides) };
  const { config, problems } = judgeServer(set);
  return needValid(config, [...problems, ...misspelt(set)]);
}

interface Judged {
  /** To be used only where there are no problems. */
  config: Config;
  problems: Problem[];
}

function judgeServer(environment: Environment): Judged {
  const { given, problems } = parseSettings(SETTINGS, environment);
  const report: Report = (message) => void problems.push({ message });
  const dataFolder = resolve(given.CROSSDOCK_DATA);
  const config = {
    dataFolder,
    database:
      given.CROSSDOCK_DATABASE_URL === undefined
        ? { folder: dataFolder }
        : { url: given.CROSSDOCK_DATABASE_URL, schema: given.CROSSDOCK_DATABASE_SCHEMA },
    storageFolder: resolve(given.CROSSDOCK_STORAGE ?? join(dataFolder, 'lake')),
    sourcesFolder: resolve(given.CROSSDOCK_SOURCES ?? join(dataFolder, 'sources')),
    host: given.CROSSDOCK_HOST,
    port: given.CROSSDOCK_PORT,
    publicUrl: given.CROSSDOCK_PUBLIC_URL ?? null,
    workers: given.CROSSDOCK_WORKERS,
    workerMemoryBytes: given.CROSSDOCK_WORKER_MEMORY_MB * 1024 * 1024,
    queryMs: given.CROSSDOCK_QUERY_SECONDS * 1000,
    requestsPerMinute: given.CROSSDOCK_RATE_LIMIT,
    openLineage:
      given.CROSSDOCK_OPENLINEAGE_URL === undefined
        ? null
        : { url: given.CROSSDOCK_OPENLINEAGE_URL, key: given.CROSSDOCK_OPENLINEAGE_KEY ?? null },
    secretKeys: given.CROSSDOCK_SECRET_KEY?.split(',').flatMap((text) => readKey(text, report)) ?? null,
    webhookNetworks: given.CROSSDOCK_WEBHOOK_NETWORKS.split(',')
      .filter((text) => text.trim() !== '')
      .flatMap((text) => readNetwork(text, report)),
    webhookHttp: given.CROSSDOCK_WEBHOOK_HTTP === 'allow',
    company: readCompany(given, report),
    logLevel: given.CROSSDOCK_LOG_LEVEL,
  };
  return { config, problems };
}

type Report = (message: string) => void;

/** The key itself stays out of the message. */
function readKey(text: string, report: Report): Buffer[] {
  const key = parseSecretKey(text);
  if (key !== undefined) return [key];
  report('CROSSDOCK_SECRET_KEY: a key has 32 bytes, as 64 hexadecimal digits or in base64');
  return [];
}

function readNetwork(text: string, report: Report): Network[] {
  const network = parseNetwork(text);
  if (network !== undefined) return [network];
  report(`CROSSDOCK_WEBHOOK_NETWORKS: ${text} is not a network such as 10.1.0.0/16 or fd00::/8`);
  return [];
}

const RULES = z.array(
  z
    .strictObject({
      group: z.string().min(1).optional(),
      claim: z.string().min(1).optional(),
      value: z.string().optional(),
      domain: z.string().min(1),
      role: z.enum(['owner', 'steward', 'engineer', 'analyst']),
    })
    .refine(({ group, claim, value }) => {
      const isWhole = (claim === undefined) === (value === undefined);
      return isWhole && (group !== undefined || claim !== undefined);
    }, 'a rule names a group, or a claim and its value, or both'),
);

function readCompany(given: z.output<typeof SETTINGS>, report: Report): CompanySettings | null {
  const issuer = given.CROSSDOCK_OIDC_ISSUER;
  if (issuer === undefined) return null;
  const { protocol, hostname } = new URL(issuer);
  if (protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    report('CROSSDOCK_OIDC_ISSUER: must be https, or lie on this machine');
  if (given.CROSSDOCK_OIDC_CLIENT_ID === undefined)
    report('CROSSDOCK_OIDC_CLIENT_ID: is needed beside CROSSDOCK_OIDC_ISSUER');
  const rules = parseInput(RULES, parseJson(given.CROSSDOCK_OIDC_ROLES));
  for (const { message } of rules.problems ?? []) report(`CROSSDOCK_OIDC_ROLES: ${message}`);
  return {
    issuer,
    clientId: given.CROSSDOCK_OIDC_CLIENT_ID ?? '',
    clientSecret: given.CROSSDOCK_OIDC_CLIENT_SECRET ?? null,
    audience: given.CROSSDOCK_OIDC_AUDIENCE ?? null,
    scopes: given.CROSSDOCK_OIDC_SCOPES,
    title: given.CROSSDOCK_OIDC_TITLE,
    groupsClaim: given.CROSSDOCK_OIDC_GROUPS_CLAIM,
    keptClaims: given.CROSSDOCK_OIDC_CLAIMS.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    trustsEmail: given.CROSSDOCK_OIDC_EMAIL === 'any',
    rules: rules.data ?? [],
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The command line's configuration from the environment. Where it is wrong, a command that starts a server
 * (`serves`) hears of the server's settings too, so that everything is corrected in one go.
 * @throws MeshError `config.invalid` with every problem at once
 */
export function readClientConfig(environment: Environment = process.env, serves = false): ClientConfig {
  const { given, problems } = parseSettings(CLIENT_SETTINGS, environment);
  // `contract test` runs on this machine what a worker runs on the server.
  const worker = parseSettings(SETTINGS.pick({ CROSSDOCK_WORKER_MEMORY_MB: true }), environment);
  const own = [...problems, ...worker.problems, ...misspelt(environment)];
  const all = serves && own.length > 0 ? [...judgeServer(environment).problems, ...own] : own;
  const config = {
    url: given.CROSSDOCK_URL.replace(/\/+$/, ''),
    token: given.CROSSDOCK_TOKEN ?? null,
    configFolder: given.CROSSDOCK_CONFIG,
    color: given.NO_COLOR === undefined || given.NO_COLOR === '',
    workerMemoryBytes: worker.given.CROSSDOCK_WORKER_MEMORY_MB * 1024 * 1024,
    postgres: { user: given.PGUSER, password: given.PGPASSWORD },
    variable: (name: string) => environment[name],
  };
  return needValid(config, all);
}

/** What stands where nothing is set, for saying what is wrong with what is. */
export function defaultClientConfig(): ClientConfig {
  return readClientConfig({ NO_COLOR: process.env['NO_COLOR'] });
}

/** @throws MeshError `config.invalid` with each problem once */
function needValid<Valid>(config: Valid, problems: Problem[]): Valid {
  if (problems.length === 0) return config;
  const messages = [...new Set(problems.map(({ message }) => message))];
  throw new MeshError('config.invalid', { problems: messages.map((message) => ({ message })) });
}

/** Each setting by itself: one that is wrong stands at its default, so that the others can be judged too. */
function parseSettings<Settings extends z.ZodObject>(
  settings: Settings,
  environment: Environment,
): { given: z.output<Settings>; problems: Problem[] } {
  const problems: Problem[] = [];
  const entries = Object.entries(settings.shape as Record<string, z.ZodType>).map(([name, setting]) => {
    const text = environment[name];
    const error = (issue: z.core.$ZodRawIssue) => describe(issue, setting);
    const result = setting.safeParse(text === '' ? undefined : text, { error });
    // Values stay out of the problems: a connection string holds a password.
    for (const { message } of result.error?.issues ?? []) problems.push({ message: `${name}: ${message}` });
    return [name, result.success ? result.data : setting.parse(undefined)];
  });
  return { given: Object.fromEntries(entries) as z.output<Settings>, problems };
}

function misspelt(environment: Environment): Problem[] {
  return Object.keys(environment)
    .filter(isMisspelt)
    .map((name) => ({ message: `${name}: there is no such setting${meant(name)}` }));
}

function meant(name: string): string {
  const near = suggest(name, [...Object.keys(SETTINGS.shape), ...Object.keys(CLIENT_SETTINGS.shape)]);
  return near === null ? '' : `; did you mean ${near}?`;
}

/** Variables of the tests and benchmarks, which this file does not read, begin with these. */
const FOREIGN = /^CROSSDOCK_(TEST_|REAL_DATA$|STANDARDS$|BENCH_)/;

function isMisspelt(name: string): boolean {
  if (!name.startsWith('CROSSDOCK_') || FOREIGN.test(name)) return false;
  return !(name in SETTINGS.shape) && !(name in CLIENT_SETTINGS.shape);
}

function dropUndefined(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
}
