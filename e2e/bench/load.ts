import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { percentile } from "./percentile";
import { type ReceivedAnswer, responseReader } from "./response-reader";

/** An order for the load generator: repeat one request for a time, with a number of them in flight. */
export type LoadOrder = {
  port: number;
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  body: string;
  inFlight: number;
  durationMs: number;
  /** The required end of every answer's body. */
  endsWith: string;
  /** Bytes that an answer may have any number of times, such as a heartbeat's; 0 for none. */
  fillerBytes: number;
};

export type LoadReport = {
  /** All requests, including failed ones. */
  sent: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  /** The first few problems. */
  problems: string[];
  /** The first answer, for further checks. */
  sample: { head: string; body: string };
};

const GIVE_UP_AFTER_MS = 30_000;
const MAX_PROBLEMS = 3;

/**
 * Keeps `inFlight` requests in flight on as many plain sockets and checks every answer: status 200, the first answer's
 * length, the expected end. A client library would use as much CPU time as the gateway.
 */
function run(order: LoadOrder): Promise<LoadReport> {
  const lines = [
    `${order.method} ${order.path} HTTP/1.1`,
    `host: 127.0.0.1:${order.port}`,
    ...(order.method === "POST"
      ? ["content-type: application/json", `content-length: ${Buffer.byteLength(order.body)}`]
      : []),
    ...Object.entries(order.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const request = Buffer.from(`${lines.join("\r\n")}\r\n\r\n${order.body}`);
  const end = Buffer.from(order.endsWith);
  const latenciesMs: number[] = [];
  const problems: string[] = [];
  let sent = 0;
  let first: ReceivedAnswer | undefined;

  return new Promise((resolve) => {
    const sockets = new Set<Socket>();
    const startedAt = performance.now();
    const deadline = startedAt + order.durationMs;
    const watchdog = setTimeout(() => {
      note("some answers did not arrive");
      for (const socket of sockets) socket.destroy();
    }, order.durationMs + GIVE_UP_AFTER_MS);

    function note(problem: string): void {
      if (problems.length < MAX_PROBLEMS) problems.push(problem);
    }

    function finished(socket: Socket): void {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      clearTimeout(watchdog);
      const seconds = (performance.now() - startedAt) / 1000;
      latenciesMs.sort((a, b) => a - b);
      resolve({
        sent,
        seconds,
        p50Ms: percentile(latenciesMs, 0.5),
        p99Ms: percentile(latenciesMs, 0.99),
        problems,
        sample: { head: first?.head ?? "", body: first ? Buffer.concat(first.pieces).toString() : "" },
      });
    }

    function check(answer: ReceivedAnswer): void {
      if (!first) first = answer;
      if (answer.status !== 200) {
        note(`status ${answer.status}: ${Buffer.concat(answer.pieces).toString().slice(0, 300)}`);
      } else if (!isSameLength(answer.bodyBytes, first.bodyBytes)) {
        note(`a body of ${answer.bodyBytes} bytes, the first had ${first.bodyBytes}`);
      } else if (!endsIn(answer.pieces, end)) note(`a body that does not end in ${order.endsWith.trim()}`);
    }

    function isSameLength(bytes: number, expected: number): boolean {
      return bytes === expected || (order.fillerBytes > 0 && (bytes - expected) % order.fillerBytes === 0);
    }

    function open(): void {
      const socket = connect({ port: order.port, host: "127.0.0.1", noDelay: true });
      sockets.add(socket);
      let sentAt = 0;
      let waiting = false;
      const send = () => {
        sent++;
        waiting = true;
        sentAt = performance.now();
        socket.write(request);
      };
      const read = responseReader((answer) => {
        const now = performance.now();
        waiting = false;
        latenciesMs.push(now - sentAt);
        check(answer);
        if (now < deadline) send();
        else socket.end();
      });
      socket.on("connect", send);
      socket.on("data", (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          socket.destroy(error instanceof Error ? error : undefined);
        }
      });
      socket.on("error", (error) => note(error.message));
      socket.on("close", () => {
        if (waiting) note("the connection closed before the end of the answer");
        else if (performance.now() < deadline) note("the connection closed between two requests");
        finished(socket);
      });
    }
    for (let i = 0; i < order.inFlight; i++) open();
  });
}

function endsIn(pieces: readonly Buffer[], end: Buffer): boolean {
  const last = pieces.at(-1);
  if (!last) return false;
  const tail = last.length >= end.length ? last : Buffer.concat(pieces.slice(-5));
  return tail.subarray(-end.length).equals(end);
}

process.on("message", async (order: LoadOrder) => process.send?.(await run(order)));
process.on("disconnect", () => process.exit());
