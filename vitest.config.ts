import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** How long `expect.poll` waits: a busy machine may take long for what should happen immediately. */
const PATIENT_POLL = { poll: { timeout: 20_000 } };

const alias = {
  "server-only": fileURLToPath(new URL("./node_modules/server-only/empty.js", import.meta.url)),
};

const CHEAP_PASSWORDS = fileURLToPath(new URL("./lib/auth/testing/password-cost.ts", import.meta.url));

/** Rooms without state, whose tests may share a process: to load their modules again for each file takes longer. */
const STATELESS = [
  "components/**/*.test.{ts,tsx}",
  "lib/dialects/**/*.test.ts",
  "lib/gateway/sizing/**/*.test.ts",
  "lib/translation/**/*.test.ts",
];
/** Rooms whose tests have all their state in the database of their file. */
const STATE_IN_DATABASE = ["lib/portal/**/*.db.test.ts", "lib/services/**/*.db.test.ts"];
const DATABASE = ["**/*.db.test.ts", "e2e/seams/**"];
/** Property tests take seconds on a busy machine. */
const UNIT = { testTimeout: 60_000, expect: PATIENT_POLL };

const INTEGRATION_RESOLVE = { alias: { ...alias, "./password-cost": CHEAP_PASSWORDS } };
const INTEGRATION = {
  globalSetup: "lib/db/testing/postgres-for-tests.ts",
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: PATIENT_POLL,
};

export default defineConfig({
  test: {
    // Vitest's default leaves a core to itself, which on two cores runs one file at a time; most tests wait.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        resolve: { alias },
        test: {
          ...UNIT,
          name: "unit",
          include: ["{app,components,lib,e2e}/**/*.test.{ts,tsx}"],
          exclude: [...DATABASE, ...STATELESS],
        },
      },
      {
        resolve: { alias },
        test: {
          ...UNIT,
          name: "unit-stateless",
          include: STATELESS,
          exclude: DATABASE,
          isolate: false,
        },
      },
      {
        resolve: INTEGRATION_RESOLVE,
        test: {
          ...INTEGRATION,
          name: "integration",
          include: ["{app,lib,e2e}/**/*.db.test.ts"],
          exclude: ["e2e/seams/**", ...STATE_IN_DATABASE],
        },
      },
      {
        resolve: INTEGRATION_RESOLVE,
        test: {
          ...INTEGRATION,
          name: "integration-stateless",
          include: STATE_IN_DATABASE,
          isolate: false,
        },
      },
      {
        test: {
          name: "seams",
          include: ["e2e/seams/*.test.ts"],
          // Each copies the repository and runs its own linter, compiler and Vitest.
          testTimeout: 300_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
