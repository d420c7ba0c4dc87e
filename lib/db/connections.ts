import "server-only";
import { Socket } from "node:net";

/** The address as postgres.js parses it; several hosts are tried in turn, as postgres.js does. */
type Place = { host: readonly string[]; port: readonly number[]; path: string | false };

/** The connections of a postgres.js client, to which it gives no access itself. */
export type Connections = {
  /** postgres.js's option `socket`. */
  open: (place: Place) => Socket;
  /** How many bytes the database has sent so far, over all connections. */
  received: () => number;
  /** Starts watching; the returned function closes the connections that have received nothing since. */
  watchSilence: () => () => void;
  /** Closes all: pending queries fail at once, and the next query opens a new connection. */
  cut: () => void;
};

/**
 * Tracks a client's connections. A frozen database, or one lost in a fail-over, leaves connections that neither answer
 * nor fail: TCP gives them up after a quarter of an hour.
 */
export function trackedConnections(): Connections {
  const sockets = new Set<Socket>();
  let opened = 0;
  let receivedBefore = 0;

  /** Drops closed sockets. postgres.js removes all listeners, so there is no event for it. */
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
      const place = opened++ % host.length;
      const [hostName, portNumber] = [host[place] ?? "localhost", port[place] ?? 5432];
      const socket = new Socket();
      // postgres.js reads the certificate's host name from here.
      Object.assign(socket, { host: hostName, port: portNumber });
      live().add(socket);
      // Deferred: an address without a route fails before postgres.js listens, and that error would be uncaught.
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
 * Closes a socket without an error, as if the server had: postgres.js then rejects queries that arrive until the close,
 * which it forgets to do after an error. Before the first byte it needs an error, or it would connect again.
 */
function destroy(socket: Socket): void {
  if (socket.bytesRead > 0) socket.destroy();
  else socket.destroy(Object.assign(new Error("The database sent nothing."), { code: "CONNECTION_CUT" }));
}
