import { connect, createServer, type Socket } from "node:net";

/** A connection to a database (or a Redis) that a test can pull: a TCP proxy in front of it. */
export type Cable = {
  /** The database's URL by way of the cable. */
  url: string;
  /** Breaks every connection; new ones are refused until `plug`. */
  pull(): Promise<void>;
  /** Nothing passes any more, on connections old and new; they all stay open. */
  mute(): void;
  /** What is open stays open and is mute for good; new connections pass, as after a fail-over. */
  strand(): void;
  /** Whatever passes takes so much longer, each way. */
  drag(ms: number): void;
  /** New connections pass, and what was muted goes on. */
  plug(): Promise<void>;
  close(): Promise<void>;
};

export async function startCable(databaseUrl: string): Promise<Cable> {
  const target = new URL(databaseUrl);
  let isMute = false;
  let delayMs = 0;
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [client, database];
    pairs.add(pair);
    for (const [from, to] of [pair, [database, client]] as const) {
      from.on("data", (bytes) => {
        if (delayMs === 0) to.write(bytes);
        else setTimeout(() => to.write(bytes), delayMs);
      });
      from.on("error", () => {});
      from.on("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (isMute) from.pause();
    }
  });
  const listen = (port: number) =>
    new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the cable has no port");
  const { port } = address;
  const url = new URL(databaseUrl);
  url.port = String(port);
  const each = (act: (socket: Socket) => void) => {
    for (const pair of pairs) pair.forEach(act);
  };
  const unplug = async () => {
    each((socket) => socket.destroy());
    if (server.listening) await new Promise((closed) => server.close(closed));
  };

  return {
    url: url.href,
    pull: unplug,
    mute: () => {
      isMute = true;
      each((socket) => socket.pause());
    },
    drag: (ms) => {
      delayMs = ms;
    },
    strand: () => {
      each((socket) => socket.pause());
    },
    plug: async () => {
      isMute = false;
      each((socket) => socket.resume());
      if (!server.listening) await listen(port);
    },
    close: unplug,
  };
}
