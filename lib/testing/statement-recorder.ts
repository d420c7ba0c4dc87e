import { connect, createServer } from "node:net";
import { listen } from "./listening";

/** A TCP proxy in front of PostgreSQL that records which statements a client executes. */
export type StatementRecorder = {
  /** The database's URL through the proxy. */
  url: string;
  /** The text of every statement executed since the last call, in the order in which they were sent. */
  take(): string[];
  close(): void;
};

/** Starts a recorder in front of the database at `databaseUrl`. */
export async function startStatementRecorder(databaseUrl: string): Promise<StatementRecorder> {
  const target = new URL(databaseUrl);
  const statements: string[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const read = statementReader((text) => statements.push(text));
    client.on("data", (bytes) => {
      read(bytes);
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => client.write(bytes));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on("error", () => {});
      socket.on("close", () => other.destroy());
    }
  });
  const url = new URL(databaseUrl);
  url.port = String(await listen(server));
  return {
    url: url.href,
    take: () => statements.splice(0),
    close: () => void server.close(),
  };
}

/**
 * Reads what a client sends on one connection
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html): `Parse` names a statement, `Bind` executes
 * it, `Query` does both.
 */
function statementReader(onExecuted: (text: string) => void): (bytes: Buffer) => void {
  const texts = new Map<string, string>();
  let pending: Buffer = Buffer.alloc(0);
  // The first message has no type.
  let typeLength = 0;
  const readMessage = (type: string, body: Buffer) => {
    const [first = "", second = ""] = body.toString("utf8").split("\0");
    if (type === "P") texts.set(first, second);
    if (type === "B") onExecuted(texts.get(second) ?? "");
    if (type === "Q") onExecuted(first);
  };
  return (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= typeLength + 4) {
      const end = typeLength + pending.readUInt32BE(typeLength);
      if (pending.length < end) return;
      if (typeLength === 1) readMessage(pending.toString("latin1", 0, 1), pending.subarray(5, end));
      pending = pending.subarray(end);
      typeLength = 1;
    }
  };
}
