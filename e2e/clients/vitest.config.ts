import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `npm run test:clients`, which is not part of `npm test`: the agents have a gigabyte together. */
export default defineConfig({
  root: ROOT,
  resolve: { alias: { "server-only": `${ROOT}node_modules/server-only/empty.js` } },
  test: {
    include: ["e2e/clients/*.agents.ts"],
    globalSetup: "e2e/clients/install-agents.ts",
    // One agent at a time: each has a minute of work on a quiet machine.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    reporters: "verbose",
  },
});
