import type { AuditTableRow } from "#lib/portal/audit/audit-table";

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
  seed: "put demo data into",
  payment_expired: "noted as expired the payment of",
  payment_active: "noted as active the payment of",
  payment_none: "noted as undated the payment of",
};

const verbOf = (action: string) => action.slice(action.indexOf(".") + 1);

/** What was done, between who did it and what to: "changed the user", "created an adjustment". */
export function auditWords({ action, subject_type, subject_name }: Described): string {
  const verb = VERBS[verbOf(action)] ?? `did ${action} to`;
  const noun = subjectNoun(subject_type);
  const isNameless = subject_name === null && verbOf(action) === "create";
  return `${verb} ${isNameless ? (/^[aeio]/.test(noun) ? "an" : "a") : "the"} ${noun}`;
}

type Described = Pick<AuditTableRow, "action" | "subject_type" | "subject_name">;

/** One field that a change set, changed or took away; null: it was not there. */
export type FieldChange = { field: string; before: string | null; after: string | null };

type State = AuditTableRow["before"];

/** What of a subject differs between before and after, field by field; of what was made or deleted, all of it. */
export function fieldChanges(before: State, after: State): FieldChange[] {
  const [old, now] = [flat(before), flat(after)];
  // In no order of their own: the database keeps an object's fields by length.
  const fields = [...new Set([...old.keys(), ...now.keys()])].sort();
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
  return JSON.stringify(value, null, 2);
}
