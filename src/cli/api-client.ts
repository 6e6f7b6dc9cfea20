import { MeshError } from '../base/errors.ts';

/** A refusal as the server sent it (RFC 9457). */
export interface ProblemAnswer {
  status: number;
  code: string;
  title: string;
  fix: string;
  problems: { message: string; place?: string; pointer?: string }[];
  requestId: string;
}

/** Thrown for an answer that is not a success; the program's end turns it into lines and an exit code. */
export class RefusedError extends MeshError {
  readonly answer: ProblemAnswer;

  constructor(answer: ProblemAnswer) {
    super('cli.refused', { facts: { title: answer.title } });
    this.answer = answer;
  }
}

export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v1`. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

/** The server as the command line sees it. */
export class ApiClient {
  readonly url: string;
  readonly #token: string | null;
  readonly #version: string;

  constructor(options: { url: string; token: string | null; version: string }) {
    this.url = options.url;
    this.#token = options.token;
    this.#version = options.version;
  }

  /** @throws RefusedError for a refusal, MeshError `cli.unreachable` where nobody listens */
  async call<Answer = unknown>(call: ApiCall): Promise<Answer> {
    const response = await this.send(call);
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  }

  /** The answer itself, for files that are streamed. */
  async send(call: ApiCall): Promise<Response> {
    const url = new URL(`${this.url}/api/v1${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const response = await fetch(url, {
      method: call.method,
      headers: {
        accept: 'application/json',
        'user-agent': `crossdock-cli/${this.#version}`,
        ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: call.signal ?? null,
    }).catch((cause: unknown) => {
      throw new MeshError('cli.unreachable', { facts: { url: this.url }, cause });
    });
    if (response.ok) return response;
    throw new RefusedError(await readProblem(response));
  }
}

async function readProblem(response: Response): Promise<ProblemAnswer> {
  const text = await response.text();
  try {
    const answer = JSON.parse(text) as Partial<ProblemAnswer>;
    if (typeof answer.code === 'string') {
      return {
        problems: [],
        fix: '',
        title: answer.code,
        requestId: '',
        ...answer,
        status: response.status,
        code: answer.code,
      };
    }
  } catch {
    // Not ours: a proxy's page, say.
  }
  const title = `the server answered ${response.status} ${response.statusText}`;
  return { status: response.status, code: 'internal', title, fix: '', problems: [], requestId: '' };
}
