import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { projectRoot } from "#lib/config/project-root";

export type PortalPrograms = {
  /** A portal without Next, on the real frame: see PORTAL. */
  portal: string;
  /** One that cannot start. */
  broken: string;
  /** Starts the program that it is given as a portal, and says its process id. */
  parent: string;
  dispose(): void;
};

const PORTAL = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { failOpenState } from "#lib/credit/fail-open";
  import { PEER_HEADER, stampedPeer } from "#lib/http/peer-stamp";
  import { claimBoot } from "#lib/boot/claim-boot";
  import { servePortal } from "#lib/boot/serve-portal";
  servePortal(async (_server, port) => async (request, response) => {
    if (request.url === "/facts") {
      const { waiting, servesAnybody } = failOpenState();
      const peer = stampedPeer(request.headers[PEER_HEADER] ?? null);
      return response.end(JSON.stringify({
        port, peer, waiting, servesAnybody: servesAnybody(), mayBoot: claimBoot(), secret: process.env.PORTAL_TEST_SECRET,
      }));
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
  import { servePortal } from "#lib/boot/serve-portal";
  servePortal(async () => { throw new Error("There is no build."); });`;

const PARENT = `
  import { startPortalProcess } from "#lib/boot/portal-process";
  const portal = startPortalProcess({ port: 1, program: process.argv[2] });
  await portal.started;
  console.log(portal.pid());
  setInterval(() => {}, 1000);`;

/** Bundles the programs once, so that tests can start them as processes of their own. */
export async function bundlePortalPrograms(): Promise<PortalPrograms> {
  const root = projectRoot();
  const directory = mkdtempSync(join(tmpdir(), "portal-programs-"));
  // Packages stay outside of the bundle: they are looked for beside it.
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  const bundle = async (name: string, contents: string) => {
    const outfile = join(directory, `${name}.mjs`);
    await build({
      stdin: { contents, resolveDir: root, loader: "ts" },
      outfile,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20",
      alias: { "server-only": join(root, "node_modules/server-only/empty.js") },
      logLevel: "error",
    });
    return outfile;
  };
  return {
    portal: await bundle("portal", PORTAL),
    broken: await bundle("broken", BROKEN),
    parent: await bundle("parent", PARENT),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}
