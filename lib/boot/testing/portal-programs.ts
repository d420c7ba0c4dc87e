import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleProgram } from "#lib/testing/bundle-program";

export type PortalPrograms = {
  /** A portal process without Next. */
  portal: string;
  /** A portal process that cannot start. */
  broken: string;
  /** Starts the given program as a portal process and prints its process id. */
  parent: string;
  dispose(): void;
};

const PORTAL = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { getHeapStatistics } from "node:v8";
  import { failOpenState } from "#lib/credit/fail-open/fail-open";
  import { PEER_HEADER, stampedPeer } from "#lib/http/peer-stamp";
  import { claimBoot } from "#lib/boot/start/claim-boot";
  import { servePortal } from "#lib/boot/portal/serve-portal";
  import { explainer } from "#lib/services/models/explainer";
  servePortal(async (_server, port) => async (request, response) => {
    if (request.url === "/facts") {
      const { waiting, canServe } = failOpenState();
      const peer = stampedPeer(request.headers[PEER_HEADER] ?? null);
      return response.end(JSON.stringify({
        port, peer, waiting, canServe: canServe(), mayBoot: claimBoot(), secret: process.env.PORTAL_TEST_SECRET,
        heapLimitMb: getHeapStatistics().heap_size_limit / 2 ** 20, flags: process.execArgv,
      }));
    }
    if (request.url === "/explain") {
      const caller = { appId: "00000000-0000-4000-8000-000000000000" };
      const asked = explainer().explain({ caller, endpoint: "messages", body: "{}" });
      return response.end(await asked.then(JSON.stringify, (error) => error.message));
    }
    if (request.url === "/print") {
      for (const half of ["{\\"half\\":", "true}\\n{\\"next\\":"]) {
        process.stdout.write(half);
        await sleep(100);
      }
      process.stdout.write("1}\\n");
      return response.end();
    }
    if (request.url === "/never") return response.write("first");
    response.end("portal " + request.url);
  });`;

const BROKEN = `
  import { servePortal } from "#lib/boot/portal/serve-portal";
  servePortal(async () => { throw new Error("There is no build."); });`;

const PARENT = `
  import { startPortalProcess } from "#lib/boot/portal/process";
  const portal = startPortalProcess({ port: 1, program: process.argv[2] });
  await portal.started;
  console.log(portal.pid());
  setInterval(() => {}, 1000);`;

/** Bundles the programs once, so that tests can start them as processes. */
export async function bundlePortalPrograms(): Promise<PortalPrograms> {
  const directory = mkdtempSync(join(tmpdir(), "portal-programs-"));
  return {
    portal: await bundleProgram(directory, "portal", { code: PORTAL }),
    broken: await bundleProgram(directory, "broken", { code: BROKEN }),
    parent: await bundleProgram(directory, "parent", { code: PARENT }),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}
