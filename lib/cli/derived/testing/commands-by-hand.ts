const ID = "11111111-1111-4111-8111-111111111111";
const usageExport = "lib/cli/derived/testing/usage.csv";

/**
 * The operations that have a command written by hand, each with a command line that sends it. All others get a derived
 * command.
 */
export const COMMANDS_BY_HAND: Readonly<Record<string, readonly string[]>> = {
  "POST /organizations": ["org", "create", "Acme"],
  "GET /organizations": ["org", "list"],
  "GET /organizations/{id}": ["org", "get", ID],
  "PATCH /organizations/{id}": ["org", "update", ID, "--name", "x"],
  "DELETE /organizations/{id}": ["org", "delete", ID, "--yes"],
  "POST /organizations/{id}/suspend": ["org", "suspend", ID],
  "POST /organizations/{id}/resume": ["org", "resume", ID],
  "GET /organizations/{id}/usage": ["org", "usage", ID],
  "GET /organizations/{id}/users": ["org", "users", ID],

  "POST /users": ["user", "create", "ada@acme.example", "--org", ID],
  "GET /users": ["user", "list"],
  "POST /users/sync-expiry": ["user", "sync-expiry"],
  "GET /users/{id}": ["user", "get", ID],
  "PATCH /users/{id}": ["user", "update", ID, "--name", "x"],
  "DELETE /users/{id}": ["user", "delete", ID, "--yes"],
  "POST /users/{id}/invite": ["user", "invite", ID],
  "GET /users/{id}/usage": ["user", "usage", ID],
  "POST /users/{id}/reset-usage": ["user", "reset-usage", ID],
  "POST /users/{id}/sync-expiry": ["user", "sync-expiry", ID],

  "POST /api-keys": ["key", "create", "laptop", "--user", ID],
  "GET /api-keys": ["key", "list"],
  "POST /api-keys/find": ["key", "find", "sk-pasted"],
  "GET /api-keys/{id}": ["key", "get", ID],
  "PATCH /api-keys/{id}": ["key", "update", ID, "--name", "x"],
  "DELETE /api-keys/{id}": ["key", "delete", ID, "--yes"],
  "POST /api-keys/{id}/revoke": ["key", "revoke", ID],
  "POST /api-keys/{id}/rotate": ["key", "rotate", ID],
  "GET /api-keys/{id}/usage": ["key", "usage", ID],

  "POST /providers": ["provider", "create", "pretend", "--type", "simulated"],
  "GET /providers": ["provider", "list"],
  "GET /providers/{id}": ["provider", "get", ID],
  "PATCH /providers/{id}": ["provider", "update", ID, "--disable"],
  "DELETE /providers/{id}": ["provider", "delete", ID, "--yes"],
  "POST /providers/{id}/test": ["provider", "test", ID],
  "GET /providers/{id}/models": ["provider", "models", ID],

  "POST /models": ["model", "create", "m", "--provider", ID],
  "GET /models": ["model", "list"],
  "DELETE /models/{id}": ["model", "delete", ID, "--yes"],
  "POST /models/{id}/explain": ["model", "explain", ID, "--as", ID],

  "GET /requests": ["request", "list"],
  "GET /requests/{id}": ["request", "get", ID],
  "GET /rejections": ["rejection", "list"],
  "GET /rejections/{request_id}": ["rejection", "get", ID],
  "GET /usage": ["usage"],
  "GET /notices": ["notice", "list"],
  "POST /notices/{id}/read": ["notice", "read", ID],

  "POST /webhooks": ["webhook", "create", "https://hooks.example.com/", "--event", "budget.exhausted"],
  "GET /webhooks": ["webhook", "list"],
  "GET /webhooks/{id}": ["webhook", "get", ID],
  "PATCH /webhooks/{id}": ["webhook", "update", ID, "--disable"],
  "DELETE /webhooks/{id}": ["webhook", "delete", ID, "--yes"],
  "POST /webhooks/{id}/rotate": ["webhook", "rotate", ID],
  "POST /webhooks/{id}/test": ["webhook", "test", ID],
  "GET /webhooks/{id}/deliveries": ["webhook", "deliveries", ID],
  "POST /webhooks/deliveries/{id}/replay": ["webhook", "replay", ID],

  "POST /admin-tokens": ["token", "create", "ci", "--role", "viewer"],
  "GET /admin-tokens": ["token", "list"],
  "DELETE /admin-tokens/{id}": ["token", "delete", ID, "--yes"],

  "GET /reconciliation": ["reconcile"],
  "GET /reconciliation/provider-usage": [
    "reconcile",
    "--provider-export",
    usageExport,
    "--provider",
    "openai",
  ],
  "GET /metrics": ["metrics"],
  "POST /encryption-key/rotate": ["rotate-encryption-key"],
};

/** Operations without a command, and why. */
export const WITHOUT_COMMAND: Readonly<Record<string, string>> = {
  "GET /refusals": "an older name of GET /rejections",
};
