import { type AdminClient, adminClient } from "./api/client";
import type { Io } from "./io";
import { adminToken, type ConnectionFlags, serverUrl } from "./profile/connection";

/** Options that every command takes. */
export type GlobalOptions = ConnectionFlags & { json?: true | undefined };

/** What every command works with. */
export type Cli = {
  io: Io;
  /** The global options; known once a command runs. */
  globals(): GlobalOptions;
  /** The server's URL; needs no token. */
  url(): string;
  /** The Admin API at that URL. */
  admin(): AdminClient;
};

export function createCli(io: Io, globals: () => GlobalOptions): Cli {
  const url = () => serverUrl(globals(), io.env);
  return {
    io,
    globals,
    url,
    admin: () => {
      const server = url();
      return adminClient(server, adminToken(server, globals(), io.env));
    },
  };
}
