import "server-only";
import { Socket } from "node:net";

/** Where postgres.js says that the database is; several hosts are taken in turn, as it does itself. */
type Place = { host: readonly string[]; port: readonly number[]; path: string | false };

/** The connections of a postgres.js client, of which it lets nobody have hold itself. */
export type Connections = {
  /** postgres.js's option `socket`. */
  open: (place: Place) => Socket;
  /** The bytes that the database has sent so far, over all connections. */
  received: () => number;
  /** Watches from now on: what it answers cuts the connections on which nothing has come since. */
  watchSilence: () => () => void;
  /** Cuts all: what is under way fails at once, and the next query opens a new one. */
  cut: () => void;
};

/**
 * Makes the place where a client's connections are known. A frozen database, or one that a fail-over has taken
 * away, leaves connections behind that never answer and never fail: TCP gives them up after a quarter of an hour.
 */
export function trackedConnections(): Connections {
  const sockets = new Set<Socket>();
  let turn = 0;
  let receivedBefore = 0;

  /** postgres.js takes all listeners off its sockets, so those that are gone are looked for. */
  function live(): Set<Socket> {
    for (const socket of sockets) {
      if (!socket.destroyed) continue;
      receivedBefore += socket.bytesRead;
      sockets.delete(socket);
    }
    return sockets;
  }

  return {
    open: ({ host, port, path }) => {
      const place = turn++ % host.length;
      const [hostName, portNumber] = [host[place] ?? "localhost", port[place] ?? 5432];
      const socket = new Socket();
      // For the certificate's name, which postgres.js looks for here.
      Object.assign(socket, { host: hostName, port: portNumber });
      live().add(socket);
      // Not at once: an address without a route fails before postgres.js listens, and that error would be uncaught.
      setImmediate(() => {
        if (socket.destroyed) return;
        if (path) socket.connect(path);
        else socket.connect(portNumber, hostName);
      });
      return socket;
    },
    received: () => {
      let bytes = 0;
      for (const socket of live()) bytes += socket.bytesRead;
      return bytes + receivedBefore;
    },
    watchSilence: () => {
      const before = new Map([...live()].map((socket) => [socket, socket.bytesRead]));
      return () => {
        for (const [socket, bytes] of before) if (socket.bytesRead === bytes) destroy(socket);
      };
    },
    cut: () => {
      for (const socket of live()) destroy(socket);
    },
  };
}

/**
 * Without an error, as if the other side had hung up: what is given to the connection until it has closed is then
 * refused, which postgres.js forgets after an error. Before the first byte it would only connect once more.
 */
function destroy(socket: Socket): void {
  if (socket.bytesRead > 0) socket.destroy();
  else socket.destroy(Object.assign(new Error("nothing came from the database"), { code: "CONNECTION_CUT" }));
}
