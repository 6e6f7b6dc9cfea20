import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev -w web` finds the API; the built app is served by that server itself. */
const server = 'http://localhost:8420';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2024',
    // The server sends `default-src 'self'`: nothing may be inlined as a data: address.
    assetsInlineLimit: 0,
  },
  server: {
    port: 8421,
    proxy: Object.fromEntries(
      ['/api', '/data', '/healthz', '/readyz'].map((path) => [path, { target: server, changeOrigin: true }]),
    ),
  },
});
