/** The two ways in which the same build is served; the portal's specs have a server to themselves. */
export type Mount = "server" | "next" | "portal";

/** A running server, as the specs need it. */
export type Served = { url: string; databaseUrl: string; encryptionKey: string };

export const ADMIN_EMAIL = "admin@tollgate.test";
export const ADMIN_PASSWORD = "correct horse battery";
export const ADMIN_API_KEY = "admin-api-key-of-the-e2e-suite";
export const CRON_SECRET = "cron-secret-of-the-e2e-suite";

const variable = (mount: Mount) => `TOLLGATE_E2E_${mount.toUpperCase()}`;

/** Tells the specs' processes, which inherit the environment, where a server is. */
export function publishMount(mount: Mount, served: Served): void {
  process.env[variable(mount)] = JSON.stringify(served);
}

/** @throws when the set-up has not started that server */
export function servedMount(mount: Mount): Served {
  const published = process.env[variable(mount)];
  if (published === undefined) throw new Error(`the ${mount} mount was not started`);
  return JSON.parse(published);
}
