import type postgres from "postgres";

/** As long as a socket's path may be on every system (`sun_path`). */
const LONGEST_PATH = 100;

/**
 * What postgres.js is to be given for a connection URL. It does not know libpq's way to name a Unix socket
 * (`?host=/directory`, https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS).
 */
export function placeOf(url: string): [url: string, options: Pick<postgres.Options<never>, "path">] {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const directory = parsed?.searchParams.get("host");
  if (!parsed || !directory?.startsWith("/")) return [url, {}];
  parsed.searchParams.delete("host");
  return [parsed.href, { path: socketPath(directory, parsed.port) }];
}

/** The same URL by the Unix socket in a directory; by TCP, as it is, where no path can be that long. */
export function bySocket(url: string, directory: string): string {
  const parsed = new URL(url);
  if (process.platform === "win32" || socketPath(directory, parsed.port).length > LONGEST_PATH) return url;
  parsed.searchParams.set("host", directory);
  return parsed.href;
}

const socketPath = (directory: string, port: string) => `${directory}/.s.PGSQL.${port || "5432"}`;
