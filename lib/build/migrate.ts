import { ConfigError } from "#lib/config/environment";
import { environmentOfProcess } from "#lib/config/environment-of-process";
import { StartUpError } from "#lib/config/start-up-error";
import { migrate } from "#lib/db/migrate";

// `vercel-build` runs this before the build, because functions must not migrate when they start.
try {
  const { DIRECT_URL, DATABASE_URL } = environmentOfProcess();
  const url = DIRECT_URL ?? DATABASE_URL;
  if (url === undefined) throw new StartUpError("Set DATABASE_URL to the database to migrate.");
  const applied = await migrate(url);
  process.stdout.write(applied === 0 ? "The database is up to date.\n" : `Applied ${applied} migrations.\n`);
} catch (error) {
  const expected = error instanceof StartUpError || error instanceof ConfigError;
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
