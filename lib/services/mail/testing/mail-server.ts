import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { afterAll } from "vitest";
import { listen } from "#lib/testing/listening";

export type Delivered = { to: string; from: string; source: string };

/** A real SMTP server that keeps what arrives. */
export type MailServer = {
  url: string;
  delivered: Delivered[];
  /** Rejects recipients with this status from now on, or one of them; null: accepts all. */
  reject(status: number | null, address?: string): void;
};

export async function mailServerOfFile(): Promise<MailServer> {
  const delivered: Delivered[] = [];
  let rejected: { status: number | null; address?: string | undefined } = { status: null };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo: ({ address }, _session, callback) => {
      const isMeant = rejected.address === undefined || rejected.address === address;
      if (rejected.status === null || !isMeant) callback();
      else callback(Object.assign(new Error("not this one"), { responseCode: rejected.status }));
    },
    onData: (stream, { envelope }, callback) => {
      text(stream).then((source) => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        for (const { address } of envelope.rcptTo) delivered.push({ to: address, from, source });
        callback();
      }, callback);
    },
  });
  const port = await listen(server.server);
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    url: `smtp://127.0.0.1:${port}`,
    delivered,
    reject: (status, address) => {
      rejected = { status, address };
    },
  };
}
