/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompressed } from './precompressed.ts';

/** Where `make serve` answers; `npm run dev` hands on to it what is no page. */
const SERVER = 'http://127.0.0.1:8000';
const SERVED = [
  'account',
  'admin',
  'dicomweb',
  'graphql',
  'sign-in',
  'sign-out',
  'static',
  'viewer',
];

export default defineConfig(({ command }) => ({
  // Django serves what is built (portal/pages/app.py).
  base: command === 'build' ? '/static/' : '/',
  plugins: [react(), precompressed('dist/app')],
  html: { cspNonce: '__CSP_NONCE__' },
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: 'dist',
    assetsDir: 'app',
    // Files of their own are cached for ever, and the policy needs no data: scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      checks: { pluginTimings: false },
      onLog: (level, log, handle) => {
        // Decoders of images ask for files only where they run under Node.
        if (!log.message.includes('externalized for browser compatibility')) {
          handle(level, log);
        }
      },
    },
  },
  worker: { format: 'es' as const },
  // For `npm run dev` alone: the loader finds its worker only where it is not bundled,
  // and its decoders, of CommonJS, only where they are.
  optimizeDeps: {
    exclude: ['@cornerstonejs/dicom-image-loader'],
    include: [
      'dicom-parser',
      '@cornerstonejs/codec-charls/decodewasmjs',
      '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs',
      '@cornerstonejs/codec-libjxl/decodewasmjs',
      '@cornerstonejs/codec-openjpeg/decodewasmjs',
      '@cornerstonejs/codec-openjph/wasmjs',
    ],
  },
  server: {
    proxy: Object.fromEntries(
      SERVED.map((name) => [`/${name}`, { target: SERVER, ws: name === 'graphql' }]),
    ),
  },
  test: {
    pool: 'threads',
    // No test changes what a module holds: files need no copies of their own.
    isolate: false,
    restoreMocks: true,
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'functions', include: ['src/**/*.test.ts'], environment: 'node' },
      },
      {
        extends: true,
        test: {
          name: 'components',
          include: ['src/**/*.test.tsx'],
          environment: 'jsdom',
          setupFiles: ['src/test/setup.ts'],
        },
      },
    ],
  },
}));
