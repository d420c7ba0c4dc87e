import { join } from "node:path";
import { seedDemo } from "#lib/boot/demo/seed-demo";
import { complete, completeEnvironment, config } from "#lib/config/config";
import { environmentOfProcess } from "#lib/config/environment-of-process";
import { projectRoot } from "#lib/config/project-root";
import { keptSecrets } from "#lib/config/secrets";
import { StartUpError } from "#lib/config/start-up-error";
import { controlDb, hotDatabase } from "#lib/db/client";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";
import { isPostgresPatched } from "#lib/db/postgres-patch";
import { gateway } from "#lib/gateway/runtime";
import { jobs } from "#lib/jobs/jobs";
import { startScheduler } from "#lib/jobs/scheduler";
import { log } from "#lib/observability/log";
import { openDataDirectory } from "./data-directory";
import { makeFirstAdministrator, type SignIn } from "./first-administrator";
import { type FirstProvider, makeFirstProviders } from "./first-providers";
import type { Step } from "./progress";

export type BootOptions = {
  /** This process on this machine, as `http://localhost:3000`: the portal's address unless NEXTAUTH_URL says another. */
  localUrl: string;
  demo: boolean;
  step: Step;
  /** Told as soon as the environment is complete: what needs no more than that need not wait for the rest. */
  onConfigured?: () => void;
};

export type Booted = {
  /** Known on the first start, and on every start of a demo. */
  signIn: SignIn | null;
  demoKey: string | null;
  firstProviders: readonly FirstProvider[];
  portalUrl: string;
  /** Null with a database of one's own: then nothing is kept on disk. */
  dataDirectory: string | null;
  /** Stops the jobs, then the database, then gives the data directory free. */
  close(): Promise<void>;
};

/**
 * Makes the process ready to serve: a database (embedded unless DATABASE_URL is set), secrets, the
 * schema, an administrator, providers, jobs. What was begun is undone when a step fails.
 * @throws StartUpError, ConfigError: one line that says what to do
 */
export async function boot(options: BootOptions): Promise<Booted> {
  const undo: (() => unknown)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    requirePatchedPostgres(projectRoot());
    const dataDirectory = await completeFromDataDirectory(options.step, undo);
    completeEnvironment({ NEXTAUTH_URL: options.localUrl });
    // In embedded mode everything is complete now; with DATABASE_URL this names the secrets that are missing.
    const environment = complete(environmentOfProcess());
    options.onConfigured?.();
    const directUrl = dataDirectory === null ? environment.DIRECT_URL : undefined;
    await options.step("Migrating", () => migrate(directUrl ?? environment.DATABASE_URL));

    const db = controlDb();
    undo.push(
      () => db.$client.end({ timeout: 2 }),
      () => hotDatabase().close(2),
    );
    const signIn = await makeFirstAdministrator(db, environment, options.demo);
    const firstProviders = await makeFirstProviders(db, environment);
    const demo = options.demo
      ? await options.step("Preparing the demo", () => seedDemo(db, environment))
      : null;
    // From now on it is alive, and what an earlier process could not tell the ledger is replayed.
    gateway();
    const scheduler = startScheduler(jobs);
    undo.push(() => scheduler.stop());
    return {
      signIn,
      demoKey: demo?.keys[0]?.key ?? null,
      firstProviders,
      portalUrl: config().NEXTAUTH_URL ?? options.localUrl,
      dataDirectory,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** It is loaded by now: mended files would be for the next start. */
function requirePatchedPostgres(root: string): void {
  if (isPostgresPatched(root)) return;
  throw new StartUpError(
    "The package postgres lacks a mend without which a lost connection ends the process: run npm run build, or npx tsx lib/db/patch-postgres.ts, where it is installed.",
  );
}

/** Embedded mode: takes the data directory, starts its database, and completes the environment from it. */
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
  completeEnvironment({ DATABASE_URL: database.socketUrl, ...keptSecrets(directory.path) });
  return directory.path;
}
