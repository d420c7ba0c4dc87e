import { defineConfig } from "@playwright/test";
import { chromiumPath } from "./chromium";

/**
 * The whole product from outside: real processes, real SDK, real browser. The gateway's and the Admin API's
 * specs run against both mounts; the portal's against the self-hosted one.
 */
export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../test-results",
  globalSetup: "./start-servers.ts",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "../test-results/e2e.json" }]],
  use: {
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: chromiumPath() ?? undefined,
      // As root, as in CI, Chromium's own sandbox cannot start; nothing foreign is ever opened.
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
    { name: "portal", testDir: "./portal", metadata: { mount: "portal" } },
  ],
});
