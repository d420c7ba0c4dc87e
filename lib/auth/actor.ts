/** What a person may see and do: everything, one organization (to change or only to look at), or their own. */
export type Role = "admin" | "org_admin" | "member" | "viewer";

/** A person who is signed in. */
export type UserActor = {
  kind: "user";
  id: string;
  name: string;
  email: string;
  role: Role;
  /** Null only for administrators of the whole installation. */
  organizationId: string | null;
};

/** A bearer of the Admin API: an admin token, or ADMIN_API_KEY with the id "admin_api_key". */
export type TokenActor = {
  kind: "token";
  id: string;
  name: string;
  role: Role;
  organizationId: string | null;
  /** Absent or null: it does not end by itself. */
  expiresAt?: Date | null;
};

/** Who acts in the control plane. Every service verb checks it by itself. */
export type Actor = UserActor | TokenActor;

/** Boot and the schedulers, where nobody is signed in: may do everything, and the audit log names it. */
export type SystemActor = { kind: "system"; id: "system"; name: "system" };

export const SYSTEM: SystemActor = { kind: "system", id: "system", name: "system" };
