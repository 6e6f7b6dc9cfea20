import { createInterface } from 'node:readline/promises';
import { MeshError } from '../base/errors.ts';
import type { Output } from './output.ts';

/** Secrets of one command, asked for without echo, or read as lines of standard input. */
export class SecretReader {
  readonly #out: Output;
  #lines: AsyncIterator<string> | null = null;

  constructor(out: Output) {
    this.#out = out;
  }

  /** @throws MeshError `cli.no-secret` at the end of the input */
  async ask(question: string): Promise<string> {
    if (process.stdin.isTTY) this.#out.say(question);
    const secret = process.stdin.isTTY ? await readHidden() : await this.#nextLine();
    if (process.stdin.isTTY) this.#out.say('\n');
    if (secret === '') throw new MeshError('cli.no-secret');
    return secret;
  }

  close(): void {
    process.stdin.pause();
  }

  async #nextLine(): Promise<string> {
    this.#lines ??= createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
    const { value, done } = await this.#lines.next();
    return done === true ? '' : value.replace(/\r$/, '');
  }
}

/** One line of a terminal that shows nothing of it. */
function readHidden(): Promise<string> {
  const { stdin } = process;
  stdin.setRawMode(true).resume().setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (keys: string) => {
      for (const key of keys) {
        if (key === '\u0003') return end(() => reject(new MeshError('cli.no-secret')));
        if (key === '\r' || key === '\n' || key === '\u0004') return end(() => resolve(text));
        text = key === '\u007f' || key === '\b' ? text.slice(0, -1) : text + key;
      }
    };
    const end = (settle: () => void) => {
      stdin.off('data', take).setRawMode(false).pause();
      settle();
    };
    stdin.on('data', take);
  });
}
