/** What an actor may access: everything, one organization (to change or only to read), or their own data. */
export type Role = "admin" | "org_admin" | "member" | "viewer";

/** A signed-in user. */
export type UserActor = {
  kind: "user";
  id: string;
  name: string;
  email: string;
  role: Role;
  /** Null only for administrators of the installation. */
  organizationId: string | null;
  /** The session in which they act. Absent where none is involved, as in tests of verbs. */
  sessionId?: string;
};

/** A bearer of the Admin API: an admin token, or ADMIN_API_KEY with the id "admin_api_key". */
export type TokenActor = {
  kind: "token";
  id: string;
  name: string;
  role: Role;
  organizationId: string | null;
  /** Absent or null: it does not expire. */
  expiresAt?: Date | null;
  /** The user whose rights bound the token's, and those of tokens that it creates. Absent or null: no one. */
  makerId?: string | null;
};

/** Who acts in the control plane. Every service verb checks the actor itself. */
export type Actor = UserActor | TokenActor;

/** Start-up and scheduled jobs. It may do everything and has its own name in the audit log. */
export type SystemActor = { kind: "system"; id: "system"; name: "system" };

export const SYSTEM: SystemActor = { kind: "system", id: "system", name: "system" };
