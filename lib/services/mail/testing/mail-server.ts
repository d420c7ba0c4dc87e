import { afterAll } from "vitest";
import { type MailTransport, mailTransport } from "../mail-transport";
import { type MailServer, startMailServer } from "./start-mail-server";

/** The portal of mail in tests. */
export const PORTAL_URL = "https://tollgate.example.com";

/** Sends to a server until the tests of the file end. */
export function transportTo(SMTP_URL: string): MailTransport {
  const transport = mailTransport({ SMTP_URL, MAIL_FROM: undefined, NEXTAUTH_URL: PORTAL_URL });
  if (transport === null) throw new Error("no transport");
  afterAll(() => transport.close());
  return transport;
}

/** Starts a mail server for the tests of a file. */
export async function mailServerOfFile(): Promise<MailServer> {
  const server = await startMailServer();
  afterAll(() => server.close());
  return server;
}
