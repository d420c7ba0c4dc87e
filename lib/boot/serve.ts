import "server-only";
import { environmentOfProcess } from "#lib/config/environment-of-process";
import { prepareEnvironment } from "#lib/config/prepare-environment";
import { projectRoot } from "#lib/config/project-root";
import { StartUpError } from "#lib/config/start-up-error";
import { VERSION } from "#lib/config/version";
import { handleGatewayMessage } from "#lib/gateway/handler";
import { log } from "#lib/observability/log";
import { type Booted, boot, claimBoot } from "./boot";
import { onStopSignal } from "./drain";
import { explainFailure } from "./explain-failure";
import { createFrontDoor, type FrontDoor } from "./front-door";
import { listen, localUrl } from "./listen";
import { progressOn, type Step } from "./progress";
import { readyBlock } from "./ready-block";
import { stop } from "./stop";

type Flags = { dev: boolean; demo: boolean };

/** Runs Tollgate in this process until a signal stops it: what `server.ts` does. */
export async function serve(parameters: readonly string[]): Promise<void> {
  let booted: Booted | undefined;
  const door = createFrontDoor();
  onStopSignal(
    (signal) => {
      // Nothing has been served yet; the database ends with this process, the next start recovers.
      if (!booted) process.exit(0);
      void stop({ server: () => door.server, inFlight: door.inFlight }, booted, signal);
    },
    () => process.exit(1),
  );
  process.on("unhandledRejection", (error) => log.error({ err: error }, "a promise failed unheard"));
  try {
    const startedAt = performance.now();
    const flags = readFlags(parameters);
    const root = projectRoot();
    prepareEnvironment(root, flags.dev);
    const environment = environmentOfProcess();
    claimBoot();
    process.stdout.write(`\n  Tollgate ${VERSION}\n\n`);
    const step = progressOn((text) => process.stdout.write(text));
    const port = await listen(door.server, environment.PORT, environment.HOST);
    const here = localUrl(environment.HOST, port);
    booted = await boot({ localUrl: here, demo: flags.demo, step });
    door.open({
      gateway: flags.dev ? null : handleGatewayMessage,
      portal: await preparePortal(root, flags, door, port, step),
    });
    const tookMs = performance.now() - startedAt;
    process.stdout.write(readyBlock({ ...booted, tookMs, localUrl: here }));
  } catch (error) {
    process.stderr.write(`\n  ${explainFailure(error)}\n\n`);
    await booted?.close();
    process.exit(1);
  }
}

function readFlags(parameters: readonly string[]): Flags {
  const unknown = parameters.find((parameter) => parameter !== "--dev" && parameter !== "--demo");
  if (unknown !== undefined)
    throw new StartUpError(`There is no option ${unknown}: there are --demo and --dev.`);
  return { dev: parameters.includes("--dev"), demo: parameters.includes("--demo") };
}

async function preparePortal(root: string, { dev }: Flags, door: FrontDoor, port: number, step: Step) {
  return step("Preparing the portal", async () => {
    // Loaded here, since it looks at NODE_ENV when it is loaded.
    const { default: next } = await import("next");
    const app = next({ dev, dir: root, httpServer: door.server, port });
    // It announces its configuration in the middle of our line; its warnings come another way.
    const { log: say } = console;
    console.log = () => {};
    try {
      await app.prepare();
    } finally {
      console.log = say;
    }
    return app.getRequestHandler();
  });
}
