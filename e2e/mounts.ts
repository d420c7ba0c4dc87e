/** The two ways in which the same build is served, and a third server of which the portal's specs have sole use. */
export type Mount = "server" | "next" | "portal";

/** A running server, as the specs need it. */
export type Served = { url: string; databaseUrl: string; encryptionKey: string };

export const ADMIN_EMAIL = "admin@tollgate.test";
export const ADMIN_PASSWORD = "correct horse battery";
export const ADMIN_API_KEY = "admin-api-key-of-the-e2e-suite";
export const CRON_SECRET = "cron-secret-of-the-e2e-suite";

const variable = (mount: Mount) => `TOLLGATE_E2E_${mount.toUpperCase()}`;

/** Publishes a server to the specs, whose processes inherit the environment. */
export function publishMount(mount: Mount, served: Served): void {
  process.env[variable(mount)] = JSON.stringify(served);
}

/** @throws if the set-up has not started that server */
export function servedMount(mount: Mount): Served {
  const published = process.env[variable(mount)];
  if (published === undefined) throw new Error(`The ${mount} mount was not started.`);
  return JSON.parse(published);
}
