import type { AuditTableRow } from "#lib/portal/audit/audit-table";

const NOUNS: Record<string, string> = {
  api_key: "key",
  admin_token: "admin token",
  price: "prices",
};

/** The name of a subject type: "key". */
export const subjectNoun = (type: string): string => NOUNS[type] ?? type.replaceAll("_", " ");

const VERBS: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  revoke: "revoked",
  rotate: "rotated",
  suspend: "suspended",
  resume: "resumed",
  import: "imported",
  link: "linked single sign-on to",
  invite: "invited",
  accept_invite: "accepted the invite of",
  sign_in: "signed in as",
  sign_in_failed: "failed to sign in to",
  replay: "sent an event again to",
  request_password_reset: "asked for a new password of",
  change_password: "changed the password of",
  reset_password: "set a new password, by a mailed link, for",
  sign_out: "signed out as",
  switch_organization: "switched to",
  end_sessions: "ended sessions of",
  reset_usage: "reset the usage of",
  rotate_encryption_key: "rotated the encryption key of",
  seed: "added demo data to",
  payment_expired: "marked the payment as expired for",
  payment_active: "marked the payment as active for",
  payment_none: "removed the payment date of",
};

const verbOf = (action: string) => action.slice(action.indexOf(".") + 1);

/** An action in words, to go between its actor and its subject: "updated the user", "created an adjustment". */
export function auditWords({ action, subject_type, subject_name }: Described): string {
  const verb = VERBS[verbOf(action)] ?? `performed ${action} on`;
  const noun = subjectNoun(subject_type);
  const isNameless = subject_name === null && verbOf(action) === "create";
  return `${verb} ${isNameless ? (/^[aeio]/.test(noun) ? "an" : "a") : "the"} ${noun}`;
}

type Described = Pick<AuditTableRow, "action" | "subject_type" | "subject_name">;

/** A field that a change set, updated or removed. Null: the field had no value. */
export type FieldChange = { field: string; before: string | null; after: string | null };

type State = AuditTableRow["before"];

/** The fields that differ between before and after: all of them for a creation or a deletion. */
export function fieldChanges(before: State, after: State): FieldChange[] {
  const [old, now] = [flat(before), flat(after)];
  // Sorted, because the database orders an object's fields by length.
  const fields = [...new Set([...old.keys(), ...now.keys()])].sort();
  return fields
    .map((field) => ({ field, before: old.get(field) ?? null, after: now.get(field) ?? null }))
    .filter((change) => change.before !== change.after);
}

/** The values of an object as text, by path, without nulls. */
function flat(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) return into;
  if (typeof value === "object" && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value)) {
      flat(inner, path === "" ? name : `${path}.${name}`, into);
    }
    return into;
  }
  return into.set(path, text(value));
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  if (isList) return value.length === 0 ? "none" : value.join(", ");
  return JSON.stringify(value, null, 2);
}
