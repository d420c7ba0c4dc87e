import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartUpError } from "./start-up-error";

/** Secrets that are generated with an embedded database. The encryption key is 32 bytes in base64. */
const GENERATED = ["NEXTAUTH_SECRET", "ENCRYPTION_KEY", "CRON_SECRET", "ADMIN_API_KEY"] as const;
export type Secrets = Record<(typeof GENERATED)[number], string>;

/**
 * The secrets in the data directory (`secrets.json`, mode 0600), generated on the first start. Losing the file loses
 * every stored provider credential and API key, so it belongs in backups.
 * @throws StartUpError when the file exists and cannot be read, so that the encryption key is never replaced
 */
export function dataDirectorySecrets(dataDirectory: string): Secrets {
  const file = join(/*turbopackIgnore: true*/ dataDirectory, "secrets.json");
  const kept = existsSync(file) ? readSecrets(file) : {};
  const fresh = () => randomBytes(32).toString("base64");
  const secrets: Secrets = {
    NEXTAUTH_SECRET: kept.NEXTAUTH_SECRET ?? fresh(),
    ENCRYPTION_KEY: kept.ENCRYPTION_KEY ?? fresh(),
    CRON_SECRET: kept.CRON_SECRET ?? fresh(),
    ADMIN_API_KEY: kept.ADMIN_API_KEY ?? fresh(),
  };
  if (GENERATED.some((name) => kept[name] === undefined)) {
    const side = `${file}.new`;
    writeFileSync(side, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    chmodSync(side, 0o600);
    renameSync(side, file);
  }
  return secrets;
}

function readSecrets(file: string): Partial<Secrets> {
  const found: Partial<Secrets> = {};
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    for (const name of GENERATED) {
      const value: unknown = Reflect.get(Object(parsed), name);
      if (typeof value === "string" && value !== "") found[name] = value;
    }
    return found;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartUpError(
      `Cannot read the secrets in ${file} (${reason}): restore the file from a backup, or move DATA_DIR away to start over.`,
    );
  }
}
