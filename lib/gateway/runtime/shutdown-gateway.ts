import { setTimeout as sleep } from "node:timers/promises";
import { endInstance } from "#lib/credit/ledger/instance";
import { hotDatabase } from "#lib/db/client";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { log } from "#lib/observability/log";
import { gateway } from "./process-gateway";

const SETTLE_DEADLINE_MS = 10_000;

/**
 * Call after the drain: settles every request, then closes the connections. With the database unavailable it
 * does not wait for long: it journals what is not settled or, without a disk, leaves it to the sweep.
 */
export async function shutdownGateway(): Promise<void> {
  const running = gateway();
  const { failOpen, limiter, sql, watch, instance, inFlight, rejections } = running;
  // Answers still being read without a client are settled on an estimate.
  for (const { stopReading } of inFlight.values()) stopReading();
  // First of all: the process may be killed before SETTLE_DEADLINE_MS is over.
  if (watch.isUnavailable()) await journalUnsettled(running);
  const isSettled = await Promise.race([
    allSettled(running).then(() => true),
    sleep(SETTLE_DEADLINE_MS, false, { ref: false }),
  ]);
  if (isSettled) {
    await endInstance(sql, instance).catch((error) => log.warn({ err: error }, "could not end the lease"));
  } else {
    await journalUnsettled(running);
  }
  await rejections.flush();
  await failOpen?.close();
  await limiter.close();
  await hotDatabase().close(5);
}

async function journalUnsettled({ settler, failOpen }: Gateway): Promise<void> {
  const requests = settler.unsettled();
  try {
    if (failOpen === null) throw new Error("this installation has no journal");
    await failOpen.journalUnsettled(requests);
    log.warn(
      { requests: requests.length },
      "database unavailable: unsettled requests are journalled, the next start settles them",
    );
  } catch (error) {
    log.error(
      { err: error, requests: requests.length },
      "database unavailable: unsettled requests are left to the sweep",
    );
  }
}

/** Resolves when every request has ended and its settlement is in the ledger. */
async function allSettled({ inFlight, settler, failOpen }: Gateway): Promise<void> {
  while (inFlight.size > 0) await sleep(10, undefined, { ref: false });
  await Promise.all([settler.idle(), failOpen?.idle()]);
}
