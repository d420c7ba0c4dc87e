import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { listen } from "#lib/testing/listening";

export type Delivered = { to: string; from: string; source: string };

/** A real SMTP server that keeps what arrives. */
export type MailServer = {
  url: string;
  delivered: Delivered[];
  /** Rejects recipients with this status from now on, or one of them; null: accepts all. */
  reject(status: number | null, address?: string): void;
  /** Takes mail without an answer from now on; null: answers again. */
  stall(onMail: (() => void) | null): void;
  close(): Promise<void>;
};

/** A mail's text, one character for each byte. */
export const decoded = (source = ""): string =>
  source
    .replaceAll("=\r\n", "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

export async function startMailServer(): Promise<MailServer> {
  const delivered: Delivered[] = [];
  let rejected: { status: number | null; address?: string | undefined } = { status: null };
  let stalled: (() => void) | null = null;
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
        if (stalled === null) callback();
        else stalled();
      }, callback);
    },
  });
  const port = await listen(server.server);
  return {
    url: `smtp://127.0.0.1:${port}`,
    delivered,
    stall: (onMail) => {
      stalled = onMail;
    },
    reject: (status, address) => {
      rejected = { status, address };
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
