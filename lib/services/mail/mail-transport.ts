import { createTransport } from "nodemailer";
import type { Config } from "#lib/config/config";

const CONNECT_TIMEOUT_MS = 5_000;
const SOCKET_TIMEOUT_MS = 10_000;

/** How mail is sent: SMTP_URL, and what belongs to it. */
export type MailSettings = Pick<Config, "SMTP_URL" | "MAIL_FROM" | "NEXTAUTH_URL">;

/** What is sent. The id is the same with every attempt, so that a receiver can tell a repeat. */
export type Letter = { id: string; to: string; subject: string; text: string };

export type MailTransport = {
  /** @throws MailRejected for a letter that the server does not take; other errors are worth another attempt */
  send(letter: Letter): Promise<void>;
  /** Signs in, without sending. */
  verify(): Promise<void>;
  close(): void;
};

/** The server has answered that it will not take this letter, now or later. */
export class MailRejected extends Error {
  override name = "MailRejected";
}

/** Opens a connection when it is first needed, and keeps it until it is closed. Null without SMTP_URL. */
export function mailTransport(settings: MailSettings): MailTransport | null {
  const { SMTP_URL } = settings;
  if (SMTP_URL === undefined) return null;
  const host = hostOf(settings);
  const from = settings.MAIL_FROM ?? `Tollgate <tollgate@${host}>`;
  const transport = createTransport({
    url: SMTP_URL,
    pool: true,
    maxConnections: 1,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ id, ...letter }) => {
      try {
        await transport.sendMail({ from, messageId: `<${id}@${host}>`, ...letter });
      } catch (error) {
        throw isFinal(error) ? new MailRejected(reasonOf(error)) : error;
      }
    },
    verify: async () => {
      await transport.verify();
    },
    close: () => transport.close(),
  };
}

const hostOf = ({ NEXTAUTH_URL }: MailSettings): string =>
  NEXTAUTH_URL === undefined ? "localhost" : new URL(NEXTAUTH_URL).hostname;

/** About a recipient or the content; other refusals, like one to sign in or to greet, are for the operator to mend. */
const FINAL: ReadonlySet<unknown> = new Set(["EENVELOPE", "EMESSAGE"]);

function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !("responseCode" in error) || !("code" in error)) return false;
  return typeof error.responseCode === "number" && error.responseCode >= 500 && FINAL.has(error.code);
}

/** An error in one line, for the list of mail and the log. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 300);
