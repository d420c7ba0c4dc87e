import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { NodeHandler } from "#lib/boot/server/http-server";
import { isDraining } from "#lib/config/drain-state";
import { StartUpError } from "#lib/config/start-up-error";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { peerSecret } from "#lib/http/peer-stamp";
import { log, writeLines } from "#lib/observability/log";
import { FromPortal, type State, type ToPortal } from "./messages";
import { proxyTo } from "./proxy";
import { relayLines } from "./relay-lines";

export type PortalProcess = {
  /** Resolves when it serves; rejects with what kept it from that. */
  started: Promise<void>;
  /** Passes requests on to it; 503 while it is away. */
  handle: NodeHandler;
  pid(): number | undefined;
  /** Ends it. Nothing may be in flight there any more. */
  stop(): Promise<void>;
};

export type PortalProcessOptions = {
  /** Where clients reach Tollgate. */
  port: number;
  /** What to run; dist/portal.js stands beside dist/server.js. */
  program?: string;
  /** Takes the lines that it logs. */
  write?: (lines: string) => void;
};

type Run = {
  child: ChildProcess;
  started: Promise<void>;
  /** Resolves with how: not at "close", which never comes where it was us who disconnected. */
  exited: Promise<string>;
  /** Resolves when its last line is written. */
  relayed: Promise<void> | undefined;
};

const TELLS_EVERY_MS = 250;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A run as long as this was no failed start. */
const STEADY_AFTER_MS = 60_000;
const STOPS_WITHIN_MS = 5_000;
const LAST_LINES_WITHIN_MS = 1_000;

/**
 * Starts the portal in a process of its own: Next makes every promise of its process dearer, fills its heap,
 * and renders pages while streams wait. One that dies is started again; one whose parent dies ends by itself.
 * @throws StartUpError where there is no place for its socket
 */
export function startPortalProcess(options: PortalProcessOptions): PortalProcess {
  const {
    port,
    program = fileURLToPath(new URL("portal.js", import.meta.url)),
    write = writeLines,
  } = options;
  const folder = socketFolder();
  const address = process.platform === "win32" ? `\\\\.\\pipe\\${basename(folder)}` : join(folder, "socket");
  const proxy = proxyTo(address);
  let stopping = false;
  let told: State | undefined;

  const launch = (): Run => {
    const child = fork(program, {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      serialization: "advanced",
    });
    told = undefined;
    tell(child, { kind: "begin", address, port, peerSecret: peerSecret() });
    const relayed = child.stdout ? relayLines(child.stdout, write) : undefined;
    const exited = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const started = new Promise<void>((resolve, reject) => {
      child.on("message", (message) => {
        // Next, too, speaks to whoever has started its process.
        const { data: said } = FromPortal.safeParse(message);
        if (said?.kind === "ready") resolve();
        else if (said) reject(said.error);
      });
      exited.then((how) => reject(new Error(`the portal's process ended (${how})`)));
    });
    // Whoever wants to know asks later.
    started.catch(() => {});
    return { child, started, exited, relayed };
  };

  let run = launch();
  void keepRunning();
  const telling = setInterval(() => {
    const { waiting, refused, servesAnybody } = failOpenState();
    const state = { waiting, refused, servesAnybody: servesAnybody() };
    if (isDeepStrictEqual(told, state)) return;
    told = state;
    tell(run.child, { kind: "state", state });
  }, TELLS_EVERY_MS);
  telling.unref();

  async function keepRunning(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const startedAt = performance.now();
      const reason = await run.exited;
      if (stopping || isDraining()) return;
      if (performance.now() - startedAt > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      log.error({ reason, pause_ms: pauseMs }, "the portal's process ended and is started again");
      await sleep(pauseMs, undefined, { ref: false });
      if (stopping || isDraining()) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      try {
        run = launch();
        run.started.then(
          () => log.info("the portal is back"),
          (error) => log.error({ err: error }, "the portal does not start"),
        );
      } catch (error) {
        log.error({ err: error }, "the portal's process cannot be started");
      }
    }
  }

  return {
    started: run.started,
    handle: proxy.handle,
    pid: () => run.child.pid,
    stop: async () => {
      stopping = true;
      clearInterval(telling);
      proxy.close();
      const { child, exited, relayed } = run;
      if (child.connected) child.disconnect();
      const impatience = setTimeout(() => child.kill("SIGKILL"), STOPS_WITHIN_MS);
      await exited;
      clearTimeout(impatience);
      await Promise.race([relayed, sleep(LAST_LINES_WITHIN_MS, undefined, { ref: false })]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A child that has just died is not told. */
function tell(child: ChildProcess, message: ToPortal): void {
  if (child.connected) child.send(message, () => {});
}

/** Only this user may enter it. */
function socketFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "tollgate-"));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    throw new StartUpError(
      `There is no place for the portal's socket in ${tmpdir()} (${reason}): set TMPDIR to a directory that can be written.`,
    );
  }
}
