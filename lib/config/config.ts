import "server-only";
import { ConfigError, type Environment, parseEnvironment } from "./environment";
import { oncePerProcess } from "./once-per-process";

/** The environment after boot has completed it: with a database and every secret. */
export type Config = Environment & {
  DATABASE_URL: string;
  NEXTAUTH_SECRET: string;
  ENCRYPTION_KEY: string;
};

/**
 * The configuration of this process, read once. Boot (lib/boot) sets the embedded database's URL and generated secrets
 * before anything calls this.
 * @throws ConfigError naming each missing or wrong variable
 */
export function config(): Config {
  return oncePerProcess("config", () => complete(parseEnvironment(process.env)));
}

/** @throws ConfigError naming each required variable that is missing */
export function complete(environment: Environment): Config {
  const { DATABASE_URL, NEXTAUTH_SECRET, ENCRYPTION_KEY } = environment;
  const missing = Object.entries({ DATABASE_URL, NEXTAUTH_SECRET, ENCRYPTION_KEY })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `${name}: must be set${name === "DATABASE_URL" ? "" : " (openssl rand -base64 32)"}`);
  if (DATABASE_URL === undefined || NEXTAUTH_SECRET === undefined || ENCRYPTION_KEY === undefined) {
    throw new ConfigError(missing.join("\n"));
  }
  return { ...environment, DATABASE_URL, NEXTAUTH_SECRET, ENCRYPTION_KEY };
}

/**
 * Sets the variables that boot has determined (the embedded database's URL, generated secrets, the portal's URL), unless
 * they are set already. Every bundle of this process and the portal's process, which inherits them, can read them.
 */
export function completeEnvironment(found: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(found)) {
    if (!process.env[name]) process.env[name] = value;
  }
}
