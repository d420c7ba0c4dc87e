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
import { log } from "#lib/observability/log";
import { writeLines } from "#lib/observability/log-output";
import { explainer } from "#lib/services/models/explainer";
import { FromPortal, type State, type ToPortal } from "./messages";
import { proxyTo } from "./proxy";
import { relayLines } from "./relay-lines";

export type PortalProcess = {
  /** Resolves when it serves; rejects with the reason if it cannot. */
  started: Promise<void>;
  /** Passes requests to it; answers 503 while it is down. */
  handle: NodeHandler;
  pid(): number | undefined;
  /** Stops it. No request may be in flight there. */
  stop(): Promise<void>;
};

export type PortalProcessOptions = {
  /** Where clients reach Tollgate. */
  port: number;
  /** The program; by default dist/portal.js, next to dist/server.js. */
  program?: string;
  /** Receives the lines that it logs. */
  write?: (lines: string) => void;
};

type Run = {
  child: ChildProcess;
  started: Promise<void>;
  /** Resolves with the exit code or signal. Not on "close", which never fires after we disconnect. */
  exited: Promise<string>;
  /** Resolves when its last line is written. */
  relayed: Promise<void> | undefined;
};

/**
 * For Node. Its defaults let a heap grow to gigabytes before it is collected, while rendering keeps little: these
 * bound what may be garbage. Less does not do: with 256 MB, a process that had served pages ended at an import of 32 MB
 * into the Admin API, which runs there too. Source maps are left out, since Node keeps every map that it has read, and
 * most of what runs there, Next's build, has none.
 */
const NODE_FLAGS = ["--max-old-space-size=1024", "--max-semi-space-size=16", "--no-parallel-scavenge"];

const STATE_EVERY_MS = 250;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A run of this length resets the pause between restarts. */
const STEADY_AFTER_MS = 60_000;
const STOPS_WITHIN_MS = 5_000;
const LAST_LINES_WITHIN_MS = 1_000;

/**
 * Starts the portal in a process of its own, because Next makes every promise of its process more expensive, fills
 * its heap, and renders pages while streams wait. Restarts it when it dies; it exits when its parent dies.
 * @throws StartUpError when its socket cannot be created
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
  let sent: State | undefined;

  const launch = (): Run => {
    const child = fork(program, {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      serialization: "advanced",
      execArgv: [...process.execArgv.filter((flag) => flag !== "--enable-source-maps"), ...NODE_FLAGS],
    });
    sent = undefined;
    send(child, { kind: "begin", address, port, peerSecret: peerSecret() });
    const relayed = child.stdout ? relayLines(child.stdout, write) : undefined;
    const exited = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const started = new Promise<void>((resolve, reject) => {
      child.on("message", (message) => {
        // Next also sends messages to its parent process.
        const { data: said } = FromPortal.safeParse(message);
        if (said?.kind === "ready") resolve();
        else if (said?.kind === "explain") void answerExplain(child, said);
        else if (said) reject(said.error);
      });
      exited.then((how) => reject(new Error(`the portal process ended (${how})`)));
    });
    // Callers await it later.
    started.catch(() => {});
    return { child, started, exited, relayed };
  };

  let run = launch();
  void keepRunning();
  const reporting = setInterval(() => {
    const { waiting, rejected, canServe } = failOpenState();
    const state = { waiting, rejected, canServe: canServe() };
    if (isDeepStrictEqual(sent, state)) return;
    sent = state;
    send(run.child, { kind: "state", state });
  }, STATE_EVERY_MS);
  reporting.unref();

  async function keepRunning(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const startedAt = performance.now();
      const reason = await run.exited;
      if (stopping || isDraining()) return;
      if (performance.now() - startedAt > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      log.error({ reason, pause_ms: pauseMs }, "the portal process ended and will be restarted");
      await sleep(pauseMs, undefined, { ref: false });
      if (stopping || isDraining()) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      try {
        run = launch();
        run.started.then(
          () => log.info("the portal was restarted"),
          (error) => log.error({ err: error }, "the portal failed to restart"),
        );
      } catch (error) {
        log.error({ err: error }, "the portal process cannot be started");
      }
    }
  }

  return {
    started: run.started,
    handle: proxy.handle,
    pid: () => run.child.pid,
    stop: async () => {
      stopping = true;
      clearInterval(reporting);
      proxy.close();
      const { child, exited, relayed } = run;
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), STOPS_WITHIN_MS);
      await exited;
      clearTimeout(timer);
      await Promise.race([relayed, sleep(LAST_LINES_WITHIN_MS, undefined, { ref: false })]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answerExplain(
  child: ChildProcess,
  { id, question }: Extract<FromPortal, { kind: "explain" }>,
): Promise<void> {
  const { explain } = explainer();
  const answer = await explain?.(question).catch((error: unknown) => {
    log.error({ err: error }, "could not explain a request");
    return null;
  });
  send(child, { kind: "explained", id, answer: answer ?? null });
}

/** Skips a child that has just died. */
function send(child: ChildProcess, message: ToPortal): void {
  if (child.connected) child.send(message, () => {});
}

/** Only this user can enter it. */
function socketFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "tollgate-"));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    throw new StartUpError(
      `Cannot create the portal's socket in ${tmpdir()} (${reason}): set TMPDIR to a writable directory.`,
    );
  }
}
