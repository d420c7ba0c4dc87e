/** What commands are called whose resource has another name in the API. */
const GROUPS: Readonly<Record<string, string>> = {
  "api-keys": "key",
  "admin-tokens": "token",
  organizations: "org",
};

const VERBS = { GET: "get", POST: "create", PATCH: "update", DELETE: "delete" } as const;

/** `GET /users/{id}/sessions` is `user sessions`, `DELETE /users/{id}/sessions/{session_id}` is `user delete-session`. */
export function commandNames(method: keyof typeof VERBS, path: string): { group: string; verb: string } {
  const [resource = "", ...rest] = path.slice(1).split("/");
  const group = GROUPS[resource] ?? singular(resource);
  const names = rest.filter((part) => !part.startsWith("{"));
  const isOne = rest.at(-1)?.startsWith("{") ?? false;
  if (names.length === 0) return { group, verb: method === "GET" && !isOne ? "list" : VERBS[method] };
  const name = names.join("-");
  if (method === "DELETE") return { group, verb: `delete-${isOne ? singular(name) : name}` };
  if (method === "PATCH") return { group, verb: `update-${isOne ? singular(name) : name}` };
  return { group, verb: isOne && method === "GET" ? `get-${singular(name)}` : name };
}

const singular = (plural: string) => plural.replace(/(?<=[a-z]{2})s$/, "");
