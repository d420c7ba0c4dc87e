import { defineConfig } from "@playwright/test";
import { chromiumPath } from "./chromium";
import { WORKERS } from "./mounts";

/**
 * End-to-end tests: real processes, the real SDK, a real browser. The specs of the gateway and the Admin API run
 * against both mounts, those of the portal against `server.ts`. Each worker has servers of its own, so that no spec sees
 * what another changes.
 */
export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../test-results",
  globalSetup: "./start-servers.ts",
  workers: WORKERS,
  // A busy machine may take long for what should happen immediately.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["json", { outputFile: "../test-results/e2e.json" }]],
  use: {
    // A trace has the page at each step. Pictures as well would take a tenth of the processor time of every test.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromiumPath() ?? undefined,
      // Chromium's sandbox cannot start as root, as in CI; only our own pages are opened.
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "server", testDir: "./gateway", metadata: { mount: "server" } },
    { name: "route-handlers", testDir: "./gateway", metadata: { mount: "next" } },
    { name: "admin-api", testDir: "./admin-api", metadata: { mount: "server" } },
    { name: "admin-api-route-handlers", testDir: "./admin-api", metadata: { mount: "next" } },
    { name: "cli", testDir: "./cli", metadata: { mount: "server" } },
    { name: "moving-in", testDir: "./moving-in", metadata: { mount: "server" } },
    { name: "portal", testDir: "./portal", metadata: { mount: "portal" } },
  ],
});
