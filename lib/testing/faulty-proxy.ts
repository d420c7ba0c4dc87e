import { connect, createServer, type Socket } from "node:net";
import { listen } from "./listening";

/** A TCP proxy in front of a database or a Redis, to test how a caller copes with network faults. */
export type FaultyProxy = {
  /** The server's URL through the proxy. */
  url: string;
  /** Breaks every connection and refuses new ones, until `restore`. */
  disconnect(): Promise<void>;
  /** Lets nothing pass, on open and new connections; they all stay open. */
  blackhole(): void;
  /** Lets nothing pass on the connections that are open now; new ones work, as after a failover. */
  strandConnections(): void;
  /** Delays what passes, in each direction. */
  delay(ms: number): void;
  /** Accepts new connections, and lets data pass on blackholed ones. */
  restore(): Promise<void>;
  close(): Promise<void>;
};

/** Starts a proxy in front of the server at `serverUrl`. */
export async function startFaultyProxy(serverUrl: string): Promise<FaultyProxy> {
  const target = new URL(serverUrl);
  let isBlackholed = false;
  let delayMs = 0;
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on("data", (bytes) => {
        if (delayMs === 0) to.write(bytes);
        else setTimeout(() => to.write(bytes), delayMs);
      });
      from.on("error", () => {});
      from.on("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (isBlackholed) from.pause();
    }
  });
  const port = await listen(server);
  const url = new URL(serverUrl);
  url.port = String(port);
  const forEachSocket = (act: (socket: Socket) => void) => {
    for (const pair of pairs) pair.forEach(act);
  };
  const disconnect = async () => {
    forEachSocket((socket) => socket.destroy());
    if (server.listening) await new Promise((closed) => server.close(closed));
  };

  return {
    url: url.href,
    disconnect,
    blackhole: () => {
      isBlackholed = true;
      forEachSocket((socket) => socket.pause());
    },
    strandConnections: () => forEachSocket((socket) => socket.pause()),
    delay: (ms) => {
      delayMs = ms;
    },
    restore: async () => {
      isBlackholed = false;
      forEachSocket((socket) => socket.resume());
      if (!server.listening) await listen(server, port);
    },
    close: disconnect,
  };
}
