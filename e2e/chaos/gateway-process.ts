import { createHttpServer } from "#lib/boot/server/http-server";
import { listen } from "#lib/boot/server/listen";
import { drainRequests, onStopSignal } from "#lib/boot/shutdown/drain";
import { handleGatewayMessage } from "#lib/gateway/mounts/handler";
import { gateway, requestsWithoutClient } from "#lib/gateway/runtime/process-gateway";
import { shutdownGateway } from "#lib/gateway/runtime/shutdown-gateway";
import { startScheduler } from "#lib/jobs/scheduler";
import { sweepHolds } from "#lib/jobs/sweep-holds";

/**
 * A replica of the data plane without the portal, as `npm start` runs it, which reports its port. Arguments: the seconds of
 * its lease, and the intervals of heartbeats and sweeps (ms).
 */
const [leaseSeconds = 0, everyMs = 0, sweepEveryMs = 0] = process.argv.slice(2).map(Number);

const http = createHttpServer();
const port = await listen(http.server, 0, "127.0.0.1");
gateway({ leaseSeconds, everyMs });
const scheduler = startScheduler([{ name: "sweep-holds", everyMs: sweepEveryMs, run: sweepHolds }]);
http.open({ gateway: handleGatewayMessage, portal: (_request, response) => response.writeHead(404).end() });

onStopSignal(
  async () => {
    await drainRequests(http.server, () => http.inFlight() + requestsWithoutClient());
    await scheduler.stop();
    await shutdownGateway();
    process.exit(0);
  },
  () => process.exit(1),
);
// The parent process has ended.
process.on("disconnect", () => process.exit(1));
process.send?.({ port });
