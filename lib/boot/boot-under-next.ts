import { openHashingSecretsOrLater } from "#lib/auth/hashing-secrets";
import { localUrl } from "#lib/boot/server/listen";
import { nextServer } from "#lib/boot/server/next-server";
import { answerUpgrades } from "#lib/boot/server/upgrades";
import { onStopSignal } from "#lib/boot/shutdown/drain";
import { type ListeningServer, stop } from "#lib/boot/shutdown/stop";
import { type Booted, boot } from "#lib/boot/start/boot";
import { claimBoot } from "#lib/boot/start/claim-boot";
import { explainFailure } from "#lib/boot/start/explain-failure";
import { complete } from "#lib/config/config";
import { environmentOfProcess } from "#lib/config/environment-of-process";
import { controlDb } from "#lib/db/client";
import { dataPlaneUrl } from "#lib/dialects/paths";
import { explainRequest } from "#lib/gateway/pipeline/explain";
import { gateway } from "#lib/gateway/runtime/process-gateway";
import { stampEveryPage } from "#lib/http/page-security";
import { stampEveryPeer } from "#lib/http/peer-stamp";
import { explainer } from "#lib/services/models/explainer";

/**
 * Boots a process that Next started (`next start`, `next dev`, Vercel) instead of `server.ts`. On Vercel it only
 * checks the environment: the build migrates (`vercel-build`), cron runs the jobs, and there is no disk for a
 * database.
 */
export async function bootUnderNext(): Promise<void> {
  if (!claimBoot()) return;
  try {
    const environment = environmentOfProcess();
    if (environment.VERCEL) {
      await openHashingSecretsOrLater(controlDb(), complete(environment));
      explainer().explain = (question) => explainRequest(gateway(), question);
      return;
    }
    stampEveryPeer();
    answerUpgrades((url) => dataPlaneUrl(url, () => false) !== undefined);
    if (environment.NODE_ENV === "production") stampEveryPage(environment);
    const listening = nextServer();
    const booted = await boot({
      localUrl: localUrl("localhost", environment.PORT),
      demo: false,
      step: (_label, run) => run(),
    });
    announce(booted);
    // In development, Next has watchers of its own to stop.
    if (environment.NODE_ENV === "production") stopInsteadOfNext(listening, booted);
  } catch (error) {
    process.stderr.write(`\n  ${explainFailure(error)}\n\n`);
    process.exit(1);
  }
}

function announce({ signIn }: Booted): void {
  if (!signIn?.password) return;
  process.stdout.write(`\n  Sign in as ${signIn.email} with ${signIn.password}\n\n`);
}

/**
 * Replaces Next's signal handlers, which close the server and exit after the last answer, without a time limit and
 * before our requests are settled. (NEXT_MANUAL_SIG_HANDLE only works for Next's own CLI.)
 */
function stopInsteadOfNext(listening: ListeningServer, booted: Booted): void {
  process.removeAllListeners("SIGTERM");
  process.removeAllListeners("SIGINT");
  onStopSignal(
    (signal) => void stop(listening, { booted }, signal),
    () => process.exit(1),
  );
}
