import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { mockHouse } from './mock/house.mjs';

// `vite --mode mock` answers the API from mock/; any other mode passes it to the server PHIM names.
export default defineConfig(({ mode }) => {
  const house = process.env.PHIM ?? 'http://127.0.0.1:8080';
  return {
    plugins: [svelte(), ...(mode === 'mock' ? [mockHouse()] : [])],
    build: {
      target: 'es2022',
      // No data: addresses, so that the page's security policy needs no exception for them.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1000,
    },
    server: { proxy: mode === 'mock' ? {} : { '/api': house, '/c': house, '^/[a-z]{2}/c/': house } },
    test: { include: ['src/**/*.test.ts'], environment: 'node' },
  };
});
