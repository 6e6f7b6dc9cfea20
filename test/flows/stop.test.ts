import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { openTestMesh } from '../fixtures/mesh.ts';

test('a client that stops reading does not keep the server from stopping', async () => {
  const mesh = await openTestMesh('flows/stop');
  const { hostname, port } = new URL(mesh.mesh.url);
  const socket = connect({ host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port) });
  socket.on('error', () => undefined);
  // Asks many times for the whole reference and never reads a byte: the server's answers fill the pipe.
  socket.write('GET /api/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(400));
  socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await mesh.close();
  socket.destroy();
  await expect(fetch(`${mesh.mesh.url}/healthz`)).rejects.toThrow();
});
