import "server-only";
import { complete } from "#lib/config/config";
import { beginDrain } from "#lib/config/drain-state";
import { environmentOfProcess } from "#lib/config/environment-of-process";
import { stampEveryPeer } from "#lib/http/peer-stamp";
import { log } from "#lib/observability/log";
import { type Booted, boot, claimBoot } from "./boot";
import { DRAIN_LIMIT_MS, onStopSignal } from "./drain";
import { explainFailure } from "./explain-failure";
import { localUrl } from "./listen";

/**
 * Boots a process that Next started (`next start`, `next dev`, Vercel) and `server.ts` did not. On
 * Vercel only the environment is checked: its build migrates (`vercel-build`), its cron does the jobs,
 * and there is no disk for a database.
 */
export async function bootUnderNext(): Promise<void> {
  if (!claimBoot()) return;
  try {
    const environment = environmentOfProcess();
    if (environment.VERCEL) {
      complete(environment);
      return;
    }
    stampEveryPeer();
    const booted = await boot({
      localUrl: localUrl("localhost", environment.PORT),
      demo: false,
      step: (_label, run) => run(),
    });
    announce(booted);
    stopWithNext(booted);
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
 * Next closes its server and exits by itself once what is in flight has ended, without a limit and
 * without asking us. So: refuse new work at once, and end in good order when that takes too long. The
 * database ends with the process.
 */
function stopWithNext(booted: Booted): void {
  const end = async () => {
    log.warn("the drain took too long: what is still open is cut off");
    await booted.close();
    process.exit(0);
  };
  onStopSignal(
    () => {
      beginDrain();
      setTimeout(end, DRAIN_LIMIT_MS).unref();
    },
    () => process.exit(1),
  );
}
