import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** Listens, and never accepts a connection: its thread waits for ever. */
const LISTENER = `
  const { createServer } = require("node:net");
  const { parentPort } = require("node:worker_threads");
  const server = createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;
/** More than fit into the queue of the kernel, which completes some without the listener. */
const CONNECTIONS = 16;

/** An address that accepts no connection, and does not refuse one: the kernel's queue for it is full. */
export type FullBacklog = { origin: string; close: () => Promise<void> };

/** Starts to listen at such an address. */
export async function startFullBacklog(): Promise<FullBacklog> {
  const worker = new Worker(LISTENER, { eval: true });
  const [port] = await once(worker, "message");
  const sockets: Socket[] = [];
  for (let number = 0; number < CONNECTIONS; number++)
    sockets.push(connect({ host: "127.0.0.1", port }).on("error", () => {}));
  // Those that fit are connected; once the first is, all have been asked for.
  await Promise.race(sockets.map((socket) => once(socket, "connect")));
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}
