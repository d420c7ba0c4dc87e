import { answerWeb } from "#lib/gateway/mounts/web";
import type { TestGateway } from "./test-gateway";

type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** How one gateway is reached: over Node's HTTP server, and as Next's route handlers call it. */
export function bothMounts({ url, gateway }: TestGateway): [mount: string, send: Send][] {
  const { origin } = new URL(url);
  return [
    ["node", (path, init) => fetch(`${origin}${path}`, init)],
    ["web", (path, init) => answerWeb(gateway, new Request(`http://tollgate${path}`, init))],
  ];
}
