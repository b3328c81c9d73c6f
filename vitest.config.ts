import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'guests/*/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.cache/**'],
    // One worker a core; the default leaves one core of two idle.
    maxWorkers: '100%',
    // For a machine with other work to do; none takes so long by itself.
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
