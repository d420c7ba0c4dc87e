/** How many workers run specs at the same time, each with a server of its own for each mount. */
export const WORKERS = 2;

/** The two ways in which the same build is served, and a third server of which the portal's specs have sole use. */
export type Mount = "server" | "next" | "portal";

/** A running server, as the specs need it. */
export type Served = { url: string; databaseUrl: string; encryptionKey: string };

export const ADMIN_EMAIL = "admin@tollgate.test";
export const ADMIN_PASSWORD = "correct horse battery";
export const ADMIN_API_KEY = "admin-api-key-of-the-e2e-suite";
export const CRON_SECRET = "cron-secret-of-the-e2e-suite";
export const METRICS_TOKEN = "metrics-token-of-the-e2e-suite";

const variable = (mount: Mount) => `TOLLGATE_E2E_${mount.toUpperCase()}`;

/** Publishes the servers of a mount, one for each worker, to the specs, whose processes inherit the environment. */
export function publishMount(mount: Mount, served: readonly Served[]): void {
  process.env[variable(mount)] = JSON.stringify(served);
}

/**
 * The mount's server for this worker.
 * @param worker Playwright's `parallelIndex`
 * @throws if the set-up has not started that server
 */
export function servedMount(mount: Mount, worker: number): Served {
  const published: readonly Served[] = JSON.parse(process.env[variable(mount)] ?? "[]");
  const served = published[worker];
  if (served === undefined) throw new Error(`The ${mount} mount was not started.`);
  return served;
}
