import type postgres from "postgres";

/** The longest socket path that every system allows (`sun_path`). */
const MAX_PATH_LENGTH = 100;

/**
 * Translates a connection URL for postgres.js, which does not support libpq's notation of a Unix socket
 * (`?host=/directory`, https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS).
 */
export function postgresOptions(url: string): [url: string, options: Pick<postgres.Options<never>, "path">] {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const directory = parsed?.searchParams.get("host");
  if (!parsed || !directory?.startsWith("/")) return [url, {}];
  parsed.searchParams.delete("host");
  return [parsed.href, { path: socketPath(directory, parsed.port) }];
}

/** Changes a URL to use the Unix socket in a directory, or returns it unchanged if the path is too long. */
export function socketUrl(url: string, directory: string): string {
  const parsed = new URL(url);
  if (process.platform === "win32" || socketPath(directory, parsed.port).length > MAX_PATH_LENGTH) return url;
  parsed.searchParams.set("host", directory);
  return parsed.href;
}

const socketPath = (directory: string, port: string) => `${directory}/.s.PGSQL.${port || "5432"}`;
