import { connect } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

/** A client in a thread of its own, as clients do not share the server's; it looks at the status line alone. */
export interface Client {
  /** POSTs JSON and takes the answer to its end. Returns the bytes that came. */
  post(url: string, token: string, body: object): Promise<number>;
  stop(): Promise<unknown>;
}

interface Order {
  host: string;
  port: number;
  text: string;
}

type Outcome = { bytes: number } | { failure: string };

export function startClient(): Client {
  const thread = new Worker(new URL(import.meta.url));
  return {
    post(url, token, body) {
      const { hostname, port, pathname } = new URL(url);
      const json = JSON.stringify(body);
      const head = [
        `POST ${pathname} HTTP/1.1`,
        `Host: ${hostname}`,
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(json)}`,
        'Connection: close',
      ];
      return new Promise((resolve, reject) => {
        thread.once('message', (outcome: Outcome) => {
          if ('bytes' in outcome) resolve(outcome.bytes);
          else reject(new Error(`the export was refused: ${outcome.failure}`));
        });
        const order: Order = {
          host: hostname,
          port: Number(port),
          text: `${head.join('\r\n')}\r\n\r\n${json}`,
        };
        thread.postMessage(order);
      });
    },
    stop: () => thread.terminate(),
  };
}

/** Reads into one buffer: a client that made one for each piece would be what is measured. */
function take({ host, port, text }: Order, done: (outcome: Outcome) => void): void {
  let bytes = 0;
  let status = '';
  const callback = (length: number, buffer: Uint8Array): boolean => {
    if (bytes === 0) status = Buffer.from(buffer.subarray(0, 'HTTP/1.1 200'.length)).toString('latin1');
    bytes += length;
    return true;
  };
  const socket = connect({ host, port, onread: { buffer: Buffer.alloc(1024 * 1024), callback } });
  socket.on('error', ({ message }) => (status = message));
  socket.on('close', () => done(status === 'HTTP/1.1 200' ? { bytes } : { failure: status }));
  socket.write(text);
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.on('message', (order: Order) => take(order, (outcome) => port.postMessage(outcome)));
}
