import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** How long `expect.poll` waits: a busy machine may take long for what should happen immediately. */
const PATIENT_POLL = { poll: { timeout: 20_000 } };

const alias = {
  "server-only": fileURLToPath(new URL("./node_modules/server-only/empty.js", import.meta.url)),
};

const CHEAP_PASSWORDS = fileURLToPath(new URL("./lib/auth/testing/password-cost.ts", import.meta.url));

/**
 * Test files share processes: to load their modules again for each took a third of the tests' time. A file that changes
 * what belongs to its process has one of its own: it mocks modules, changes the environment, spies on something from its
 * first line on, or says so.
 */
const CHANGES_PROCESS =
  /\bvi\.(mock|hoisted|stubEnv|stubGlobal)\(|^const \w+ = vi\.spyOn\(|^\/\/ @own-process: /m;
const OWN_PROCESS = ["app", "components", "lib", "e2e"].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.test\.tsx?$/.test(file))
    .filter((file) => CHANGES_PROCESS.test(readFileSync(join(import.meta.dirname, folder, file), "utf8")))
    .map((file) => `${folder}/${file.replace(/[()[\]]/g, "\\$&")}`),
);
/** Rooms whose database tests start, stop and kill processes, or measure them. */
const PROCESSES = ["{app,e2e}/**/*.db.test.ts", "lib/{boot,db,limits}/**/*.db.test.ts"];
const DATABASE_TESTS = ["lib/**/*.db.test.ts"];
const UNIT_TESTS = ["{app,components,lib,e2e}/**/*.test.{ts,tsx}"];
const DATABASE = ["**/*.db.test.ts", "e2e/seams/**"];
/** A spy of one file must not see what the next does. */
const SHARED = { isolate: false, restoreMocks: true };
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
          include: OWN_PROCESS,
          exclude: DATABASE,
        },
      },
      {
        resolve: { alias },
        test: {
          ...UNIT,
          ...SHARED,
          name: "unit-shared",
          include: UNIT_TESTS,
          exclude: [...DATABASE, ...OWN_PROCESS],
        },
      },
      {
        resolve: INTEGRATION_RESOLVE,
        test: {
          ...INTEGRATION,
          name: "integration",
          include: [...OWN_PROCESS.filter((file) => file.endsWith(".db.test.ts")), ...PROCESSES],
          exclude: ["e2e/seams/**"],
        },
      },
      {
        resolve: INTEGRATION_RESOLVE,
        test: {
          ...INTEGRATION,
          ...SHARED,
          name: "integration-shared",
          include: DATABASE_TESTS,
          exclude: [...OWN_PROCESS, ...PROCESSES],
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
