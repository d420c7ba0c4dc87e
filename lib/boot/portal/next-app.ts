import type { Server } from "node:http";
import type { NodeHandler } from "#lib/boot/server/http-server";

export type NextOptions = {
  dev: boolean;
  root: string;
  server: Server;
  /** Where clients reach it. */
  port: number;
};

/**
 * Prepares Next: the portal, the Admin API, sign-in, health and cron routes.
 * @throws what Next says, as that there is no build
 */
export async function prepareNext({ dev, root, server, port }: NextOptions): Promise<NodeHandler> {
  // Loaded here, since it looks at NODE_ENV when it is loaded.
  const { default: next } = await import("next");
  const app = next({ dev, dir: root, httpServer: server, port });
  // It announces its configuration in the middle of our line; its warnings come another way.
  const { log: say } = console;
  console.log = () => {};
  try {
    await app.prepare();
  } finally {
    console.log = say;
  }
  return app.getRequestHandler();
}
