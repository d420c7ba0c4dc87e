import type { Server } from "node:http";
import type { NodeHandler } from "#lib/boot/server/http-server";

export type NextOptions = {
  dev: boolean;
  root: string;
  server: Server;
  /** The public port. */
  port: number;
};

/**
 * Prepares Next: the portal, the Admin API, sign-in, health and cron routes.
 * @throws an error of Next, like a missing build
 */
export async function prepareNext({ dev, root, server, port }: NextOptions): Promise<NodeHandler> {
  // Imported late, because Next reads NODE_ENV when it is loaded.
  const { default: next } = await import("next");
  const app = next({ dev, dir: root, httpServer: server, port });
  // Next prints its configuration in the middle of our progress line. Its warnings do not use console.log.
  const { log } = console;
  console.log = () => {};
  try {
    await app.prepare();
  } finally {
    console.log = log;
  }
  return app.getRequestHandler();
}
