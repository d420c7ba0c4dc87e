/** What a person may see and do: everything, one organization (to change or only to look at), or their own. */
export type Role = "admin" | "org_admin" | "member" | "viewer";

/** Who acts in the control plane. Every service verb checks it by itself. */
export type Actor = {
  kind: "user";
  id: string;
  name: string;
  email: string;
  role: Role;
  /** Null only for administrators of the whole installation. */
  organizationId: string | null;
};

/** Boot and the schedulers, where nobody is signed in: may do everything, and the audit log names it. */
export type SystemActor = { kind: "system"; id: "system"; name: "system" };

export const SYSTEM: SystemActor = { kind: "system", id: "system", name: "system" };
