import type { AuditLogEntry } from "#lib/services/audit/audit-entry";

const NOUNS: Record<string, string> = {
  api_key: "key",
  admin_token: "admin token",
  price: "prices",
};

/** What a kind of subject is called: "key". */
export const subjectNoun = (type: string): string => NOUNS[type] ?? type.replaceAll("_", " ");

const VERBS: Record<string, string> = {
  create: "created",
  update: "changed",
  delete: "deleted",
  revoke: "revoked",
  rotate: "rotated",
  suspend: "suspended",
  resume: "resumed",
  import: "imported",
  link: "linked to single sign-on",
  reset_usage: "reset the usage of",
  payment_expired: "noted as expired the payment of",
  payment_active: "noted as active the payment of",
  payment_none: "noted as undated the payment of",
};

/** What was done, between who did it and what to: "changed", "reset the usage of". */
export function auditVerb(action: string): string {
  const verb = action.slice(action.indexOf(".") + 1);
  return VERBS[verb] ?? `did ${action} to`;
}

/** What the subject was called then; null where the entry does not say. */
export function subjectName({ before, after }: Pick<AuditLogEntry, "before" | "after">): string | null {
  for (const state of [after, before]) {
    for (const field of ["name", "email"]) {
      const value = state?.[field];
      if (typeof value === "string" && value !== "") return value;
    }
  }
  return null;
}

/** One field that a change set, changed or took away; null: it was not there. */
export type FieldChange = { field: string; before: string | null; after: string | null };

type State = AuditLogEntry["before"];

/** What of a subject differs between before and after, field by field; of what was made or deleted, all of it. */
export function fieldChanges(before: State, after: State): FieldChange[] {
  const [old, now] = [flat(before), flat(after)];
  const fields = [...new Set([...old.keys(), ...now.keys()])];
  return fields
    .map((field) => ({ field, before: old.get(field) ?? null, after: now.get(field) ?? null }))
    .filter((change) => change.before !== change.after);
}

/** The values of an object as text, by path; what is null is not there. */
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
  return JSON.stringify(value);
}
