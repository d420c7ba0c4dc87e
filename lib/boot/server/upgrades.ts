import { subscribe } from "node:diagnostics_channel";
import { type IncomingMessage, Server, ServerResponse } from "node:http";
import { Socket } from "node:net";

/**
 * Lets every server of this process answer an upgrade as an ordinary request where Next would hang up: clients that try
 * a WebSocket first fall back at once for a status of ours (Codex for 426), and try again for seconds without one.
 * Call it before anything is served.
 * @param isOrdinary whether a URL is answered so; others stay with the server's own listeners
 */
export function answerUpgrades(isOrdinary: (url: string) => boolean): void {
  const known = new WeakSet<Server>();
  // Node has no event for an upgrade before the server's own, but one for each connection.
  subscribe("net.server.socket", (message) => {
    const server = serverOf(message);
    if (server === null || known.has(server)) return;
    known.add(server);
    const others = server.listeners("upgrade");
    // Without a listener, Node takes an upgrade for an ordinary request.
    if (others.length === 0) return;
    server.removeAllListeners("upgrade");
    server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (isOrdinary(request.url ?? "/")) answer(server, request, socket);
      else for (const other of others) Reflect.apply(other, server, [request, socket, head]);
    });
  });
}

function serverOf(message: unknown): Server | null {
  if (typeof message !== "object" || message === null || !("socket" in message)) return null;
  const { socket } = message;
  return socket instanceof Socket && "server" in socket && socket.server instanceof Server
    ? socket.server
    : null;
}

/** The connection is of no further use: its parser is gone. */
function answer(server: Server, request: IncomingMessage, socket: Socket): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.end());
  server.emit("request", request, response);
}
