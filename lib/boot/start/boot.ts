import { join } from "node:path";
import { secretHasher } from "#lib/auth/api-key";
import { openHashingSecrets } from "#lib/auth/hashing-secrets";
import { seedDemo } from "#lib/boot/demo/seed-demo";
import { complete, completeEnvironment, config } from "#lib/config/config";
import { environmentOfProcess, foreignVariablesOfProcess } from "#lib/config/environment-of-process";
import { projectRoot } from "#lib/config/project-root";
import { dataDirectorySecrets } from "#lib/config/secrets";
import { StartUpError } from "#lib/config/start-up-error";
import { controlDb, hotDatabase } from "#lib/db/client";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";
import { isPostgresPatched } from "#lib/db/postgres-patch";
import { explainRequest } from "#lib/gateway/pipeline/explain";
import { gateway } from "#lib/gateway/runtime/process-gateway";
import { jobs } from "#lib/jobs/jobs";
import { startScheduler } from "#lib/jobs/scheduler";
import { log } from "#lib/observability/log";
import { explainer } from "#lib/services/models/explainer";
import { checkDefaultModel } from "./check-default-model";
import { openDataDirectory } from "./data-directory";
import { findOidcOrganization } from "./find-oidc-organization";
import { createFirstAdministrator, type SignIn } from "./first-administrator";
import { createFirstProviders, type FirstProvider } from "./first-providers";
import { importKeyFile } from "./import-key-file";
import { startLogFile } from "./log-file";
import type { Step } from "./progress";

export type BootOptions = {
  /** The address on this machine, like `http://localhost:3000`; the portal's address unless NEXTAUTH_URL is set. */
  localUrl: string;
  demo: boolean;
  step: Step;
  /** Called as soon as the environment is complete. */
  onConfigured?: () => void;
};

export type Booted = {
  /** Known on the first start and in a demo. */
  signIn: SignIn | null;
  demoKey: string | null;
  firstProviders: readonly FirstProvider[];
  portalUrl: string;
  /** Null with an external database: then nothing is stored on disk. */
  dataDirectory: string | null;
  /** Whether ADMIN_API_KEY was set, so that the data directory's does not count. */
  isAdminKeyGiven: boolean;
  /** Stops the jobs, then the database, then unlocks the data directory. */
  close(): Promise<void>;
};

/**
 * Makes the process ready to serve: starts a database (unless DATABASE_URL is set), creates secrets, migrates,
 * creates an administrator and providers, and starts the jobs. Undoes all of it when a step fails.
 * @throws StartUpError, ConfigError with one line that says what to do
 */
export async function boot(options: BootOptions): Promise<Booted> {
  const undo: (() => unknown)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    requirePatchedPostgres(projectRoot());
    const { LOG_FILE_PATH, ADMIN_API_KEY: givenAdminKey } = environmentOfProcess();
    if (LOG_FILE_PATH !== undefined) undo.push(await startLogFile(LOG_FILE_PATH));
    for (const sentence of foreignVariablesOfProcess()) log.warn(sentence);
    const dataDirectory = await completeFromDataDirectory(options.step, undo);
    completeEnvironment({ NEXTAUTH_URL: options.localUrl });
    // With an embedded database everything is set now; with DATABASE_URL this names missing secrets.
    const environment = complete(environmentOfProcess());
    options.onConfigured?.();
    const directUrl = dataDirectory === null ? environment.DIRECT_URL : undefined;
    await options.step("Migrating", () => migrate(directUrl ?? environment.DATABASE_URL));

    const db = controlDb();
    undo.push(
      () => db.$client.end({ timeout: 2 }),
      () => hotDatabase().close(2),
    );
    const hashing = await openHashingSecrets(db, environment);
    const signIn = await createFirstAdministrator(db, { ...environment, hashing }, options.demo);
    const firstProviders = await createFirstProviders(db, environment);
    await importKeyFile(db, environment, secretHasher(hashing));
    await findOidcOrganization(db, environment);
    const demo = options.demo
      ? await options.step("Preparing the demo", () => seedDemo(db, environment, hashing))
      : null;
    // Starts the heartbeat, and replays what an earlier process could not write to the ledger.
    await checkDefaultModel(gateway());
    explainer().explain = (question) => explainRequest(gateway(), question);
    const scheduler = startScheduler(jobs);
    undo.push(() => scheduler.stop());
    return {
      signIn,
      demoKey: demo?.keys[0]?.key ?? null,
      firstProviders,
      portalUrl: config().NEXTAUTH_URL ?? options.localUrl,
      dataDirectory,
      isAdminKeyGiven: givenAdminKey !== undefined,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The package is already loaded, so patching it now would only help the next start. */
function requirePatchedPostgres(root: string): void {
  if (isPostgresPatched(root)) return;
  throw new StartUpError(
    "postgres.js is missing a required patch (without it a dropped connection crashes the process): run npm run build, or npx tsx lib/db/patch-postgres.ts.",
  );
}

/** Without DATABASE_URL: locks the data directory, starts its database, and completes the environment from it. */
async function completeFromDataDirectory(step: Step, undo: (() => unknown)[]): Promise<string | null> {
  const environment = environmentOfProcess();
  if (environment.DATABASE_URL !== undefined) return null;
  const directory = await openDataDirectory(environment.DATA_DIR);
  undo.push(() => directory.release());
  const database = await step("Starting the database", () =>
    startEmbeddedPostgres({
      directory: join(directory.path, "postgres"),
      onEnd: (reason) => log.error({ reason }, "the embedded database"),
    }),
  );
  undo.push(() => database.stop());
  completeEnvironment({ DATABASE_URL: database.socketUrl, ...dataDirectorySecrets(directory.path) });
  return directory.path;
}
