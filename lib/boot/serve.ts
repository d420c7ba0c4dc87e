import { prepareNext } from "#lib/boot/portal/next-app";
import { type PortalProcess, startPortalProcess } from "#lib/boot/portal/process";
import { createHttpServer, type Handlers, type HttpServer } from "#lib/boot/server/http-server";
import { listen, localUrl } from "#lib/boot/server/listen";
import { withProbes } from "#lib/boot/server/probes";
import { onStopSignal } from "#lib/boot/shutdown/drain";
import { stop } from "#lib/boot/shutdown/stop";
import { type Booted, boot } from "#lib/boot/start/boot";
import { claimBoot } from "#lib/boot/start/claim-boot";
import { explainFailure } from "#lib/boot/start/explain-failure";
import { progressOn } from "#lib/boot/start/progress";
import { readyMessage } from "#lib/boot/start/ready-message";
import { environmentOfProcess } from "#lib/config/environment-of-process";
import { prepareEnvironment } from "#lib/config/prepare-environment";
import { projectRoot } from "#lib/config/project-root";
import { StartUpError } from "#lib/config/start-up-error";
import { VERSION } from "#lib/config/version";
import { handleGatewayMessage } from "#lib/gateway/mounts/handler";
import { log } from "#lib/observability/log";

type Flags = { dev: boolean; demo: boolean };

/** What a stop has to end; parts that have not started yet are missing. */
type Running = { http: HttpServer; booted?: Booted; portal?: PortalProcess };

/**
 * Runs Tollgate until a signal stops it. The data plane and the jobs run in this process. Next runs in a process
 * of its own, except in development.
 */
export async function serve(parameters: readonly string[]): Promise<void> {
  const running: Running = { http: createHttpServer() };
  const { http } = running;
  onStopSignal(
    (signal) => {
      const { booted, portal } = running;
      // Nothing was served yet: the database and the portal end with this process, and the next start recovers.
      if (!booted) process.exit(0);
      void stop({ server: () => http.server, inFlight: http.inFlight }, { booted, portal }, signal);
    },
    () => process.exit(1),
  );
  process.on("unhandledRejection", (error) => log.error({ err: error }, "unhandled promise rejection"));
  try {
    const startedAt = performance.now();
    const flags = readFlags(parameters);
    const root = projectRoot();
    prepareEnvironment(root, flags.dev);
    const environment = environmentOfProcess();
    claimBoot();
    process.stdout.write(`\n  Tollgate ${VERSION}\n\n`);
    const step = progressOn((text) => process.stdout.write(text), process.stdout.isTTY);
    const port = await listen(http.server, environment.PORT, environment.HOST);
    const here = localUrl(environment.HOST, port);
    const booted = await boot({
      localUrl: here,
      demo: flags.demo,
      step,
      onConfigured: () => {
        if (!flags.dev) running.portal = startPortalProcess({ port });
      },
    });
    running.booted = booted;
    const { portal } = running;
    http.open(
      await step("Preparing the portal", async (): Promise<Handlers> => {
        if (!portal) {
          return { gateway: null, portal: await prepareNext({ dev: true, root, server: http.server, port }) };
        }
        await portal.started;
        return { gateway: handleGatewayMessage, portal: withProbes(portal.handle) };
      }),
    );
    // An error in one request must not cut off the streams of others.
    process.on("uncaughtException", (error) => log.error({ err: error }, "uncaught exception"));
    const tookMs = performance.now() - startedAt;
    process.stdout.write(readyMessage({ ...booted, tookMs, localUrl: here }));
  } catch (error) {
    process.stderr.write(`\n  ${explainFailure(error)}\n\n`);
    await running.portal?.stop();
    await running.booted?.close();
    process.exit(1);
  }
}

function readFlags(parameters: readonly string[]): Flags {
  const unknown = parameters.find((parameter) => parameter !== "--dev" && parameter !== "--demo");
  if (unknown !== undefined) throw new StartUpError(`Unknown option ${unknown}: use --demo or --dev.`);
  return { dev: parameters.includes("--dev"), demo: parameters.includes("--demo") };
}
