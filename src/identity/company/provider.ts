import type { Configuration } from 'openid-client';
import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../context.ts';
import type { CompanySettings } from './settings.ts';

const DISCOVERY_SECONDS = 10;
/** How long what was discovered counts; keys are looked up anew by themselves. */
const KEPT_MS = 3_600_000;
/** After a failure the next try waits, so that a provider that is down is not asked with each request. */
const PAUSE_MS = 5_000;

/** The company's provider: what it says of itself, and the package that speaks to it, loaded when needed. */
export class CompanyProvider {
  readonly settings: CompanySettings;
  readonly #clock: Parts['clock'];
  #found: { at: number; configuration: Promise<Configuration> } | null = null;
  #failedAt = -Infinity;

  constructor(settings: CompanySettings, clock: Parts['clock']) {
    this.settings = settings;
    this.#clock = clock;
  }

  /** @throws MeshError `auth.company-unreachable` */
  async configuration(): Promise<Configuration> {
    const now = this.#clock.now().getTime();
    if (this.#found !== null && now - this.#found.at < KEPT_MS) return this.#found.configuration;
    if (now - this.#failedAt < PAUSE_MS) throw new MeshError('auth.company-unreachable');
    const configuration = this.#discover();
    this.#found = { at: now, configuration };
    return configuration.catch((cause: unknown) => {
      this.#found = null;
      this.#failedAt = now;
      throw new MeshError('auth.company-unreachable', { cause });
    });
  }

  async #discover(): Promise<Configuration> {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    // `config.ts` lets plain HTTP through for this machine alone.
    const execute = [
      client.enableNonRepudiationChecks,
      ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : []),
    ];
    const proof = clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret);
    return client.discovery(url, clientId, undefined, proof, { execute, timeout: DISCOVERY_SECONDS });
  }
}

const providers = new WeakMap<CompanySettings, CompanyProvider>();

/** The provider of these settings: one for all requests, so that what it said is read once. */
export function companyOf({ settings, clock }: Parts): CompanyProvider | null {
  if (settings.company === null) return null;
  const known = providers.get(settings.company) ?? new CompanyProvider(settings.company, clock);
  providers.set(settings.company, known);
  return known;
}
