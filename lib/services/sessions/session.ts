import { z } from "zod";
import { sessions } from "#lib/db/schema/sessions";
import { instantField } from "#lib/services/fields";
import { deviceName } from "./device-name";

/** A session in the shape of the API. */
export const Session = z
  .object({
    id: z.uuid(),
    user_id: z.uuid().describe("The user that it acts as: one membership of its account."),
    current: z.boolean().describe("Whether this request came from it."),
    device: z.string().describe("Browser and system, as far as they are known."),
    user_agent: z.string().nullable(),
    ip: z.string().nullable().describe("The client's address at the sign-in."),
    created_at: instantField,
    last_seen_at: instantField.describe("Recorded once a minute."),
    expires_at: instantField,
  })
  .meta({ id: "Session" });
export type Session = z.output<typeof Session>;

export const sessionColumns = {
  id: sessions.id,
  userId: sessions.userId,
  userAgent: sessions.userAgent,
  ip: sessions.ip,
  createdAt: sessions.createdAt,
  lastSeenAt: sessions.lastSeenAt,
  expiresAt: sessions.expiresAt,
};

type SessionRow = Pick<typeof sessions.$inferSelect, keyof typeof sessionColumns>;

/** @param currentId the session of the request, if it has one */
export function toSession(row: SessionRow, currentId: string | undefined): Session {
  return {
    id: row.id,
    user_id: row.userId,
    current: row.id === currentId,
    device: deviceName(row.userAgent),
    user_agent: row.userAgent,
    ip: row.ip,
    created_at: row.createdAt.toISOString(),
    last_seen_at: row.lastSeenAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
  };
}
