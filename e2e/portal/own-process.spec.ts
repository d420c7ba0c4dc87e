import { spawnSync } from "node:child_process";
import { expect, test } from "../fixtures";
import { startReplica } from "../replica";

/** The portal's process: with an external database it is the only one that a server starts. */
function childOf(pid: number): number {
  return Number(spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout);
}

test("keeps probes and the data plane up when the portal crashes, and restarts it", async ({ gate }) => {
  const server = await startReplica("portal", gate);
  const statusOf = async (path: string) => (await fetch(server.url + path)).status;
  try {
    expect(await statusOf("/sign-in")).toBe(200);
    const portal = childOf(server.pid);
    process.kill(portal, "SIGKILL");
    expect(await statusOf("/sign-in")).toBe(503);
    expect(await statusOf("/livez")).toBe(200);
    expect(await statusOf("/readyz")).toBe(200);
    expect(await statusOf("/v1/models")).toBe(401);
    await expect.poll(() => statusOf("/sign-in"), { timeout: 20_000 }).toBe(200);
    expect(childOf(server.pid)).not.toBe(portal);
  } finally {
    await server.stop();
  }
});
