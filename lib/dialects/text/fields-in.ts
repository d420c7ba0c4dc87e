/** The fields of all objects in a parsed value. */
export function fieldsIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === "object") count += fieldsIn(element);
    return count;
  }
  for (const inner of Object.values(value)) count += typeof inner === "object" ? 1 + fieldsIn(inner) : 1;
  return count;
}
