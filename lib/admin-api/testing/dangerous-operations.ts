import type { Call, RightsApi } from "./rights-api";
import { secretOfKey } from "./tenants";

/**
 * The columns of the table: sessions of an administrator, an org_admin, a member, a viewer and a user without an
 * organization; then ADMIN_API_KEY, and tokens of an administrator, an org_admin, a viewer and of a maker who became a
 * member.
 */
export const COLUMNS = [
  "a session of an administrator",
  "a session of an org_admin",
  "a session of a member",
  "a session of a viewer",
  "a session of a user without an organization",
  "ADMIN_API_KEY",
  "an administrator's token",
  "an org_admin's token",
  "a viewer's token",
  "a token whose maker became a member",
] as const;

/** What is done, the request, and the status for each column. */
export type DangerousRow = [what: string, call: Call, statuses: string];

const get = (path: string): Call => ({ method: "GET", path, body: null });
const post = (path: string, body: object = {}): Call => ({ method: "POST", path, body });
const patch = (path: string, body: object): Call => ({ method: "PATCH", path, body });
const remove = (path: string): Call => ({ method: "DELETE", path, body: null });

const ADMINISTRATORS = "200 403 403 403 403   200 200 403 403 403";
const ADMINISTRATORS_201 = "201 403 403 403 403   201 201 403 403 403";
const FOREIGN_READ = "200 404 404 404 404   200 200 404 404 404";
const PRICE = { input_per_mtok: "1", output_per_mtok: "2" };

/** Written by hand from the contract, with no regard to what the code declares. */
export const dangerousRows = ({ colleague: own, foreign, selfOf, caller }: RightsApi): DangerousRow[] => [
  ...accessRows(own, foreign),
  ...peopleRows(own, foreign),
  ...keyRows(own, foreign),
  ...readingRows(foreign),
  ...installationRows(own, foreign),
  [
    "read the sessions of a viewer",
    get(`/users/${selfOf(caller(COLUMNS[3]))?.user}/sessions`),
    "200 200 404 200 404   200 200 200 403 404",
  ],
];

type Targets = RightsApi["colleague"];

const accessRows = (own: Targets, foreign: Targets): DangerousRow[] => [
  [
    "create an admin token of the role admin",
    post("/admin-tokens", { name: "t", role: "admin" }),
    ADMINISTRATORS_201,
  ],
  [
    "create an org_admin's token",
    post("/admin-tokens", { name: "t", role: "org_admin", organization_id: own.organization }),
    "201 201 403 403 403   201 201 201 403 403",
  ],
  [
    "create a token of another tenant",
    post("/admin-tokens", { name: "t", role: "viewer", organization_id: foreign.organization }),
    "201 404 403 403 403   201 201 404 403 403",
  ],
  [
    "delete a token of another tenant",
    remove(`/admin-tokens/${foreign.token}`),
    "204 404 403 403 403   204 204 404 403 403",
  ],
  ["rotate an app's secret", post(`/apps/${own.app}/rotate`), "200 200 403 403 403   200 200 200 403 403"],
  [
    "rotate the secret of another tenant's app",
    post(`/apps/${foreign.app}/rotate`),
    "200 404 403 403 403   200 200 404 403 403",
  ],
];

const peopleRows = (own: Targets, foreign: Targets): DangerousRow[] => [
  [
    "set a password",
    patch(`/users/${own.user}`, { password: "a long enough password" }),
    "200 403 403 403 403   403 403 403 403 403",
  ],
  [
    "create a user with a password",
    post("/users", {
      email: "p@example.com",
      organization_id: own.organization,
      password: "a long enough password",
    }),
    "201 403 403 403 403   403 403 403 403 403",
  ],
  ["give the role admin", patch(`/users/${own.user}`, { role: "admin" }), ADMINISTRATORS],
  [
    "give the role admin to many",
    post("/users/bulk", { ids: [own.user], set: { role: "admin" } }),
    ADMINISTRATORS,
  ],
  [
    "change users of another tenant at once",
    post("/users/bulk", { ids: [own.user, foreign.user], set: { extend_days: 30 } }),
    "200 404 403 403 403   200 200 404 403 403",
  ],
  [
    "create an administrator",
    post("/users", { email: "a@example.com", organization_id: own.organization, role: "admin" }),
    ADMINISTRATORS_201,
  ],
  [
    "give the role org_admin",
    patch(`/users/${own.user}`, { role: "org_admin" }),
    "200 200 403 403 403   200 200 200 403 403",
  ],
  [
    "give a role in another tenant",
    patch(`/users/${foreign.user}`, { role: "org_admin" }),
    "200 404 403 403 403   200 200 404 403 403",
  ],
  [
    "move a user to another tenant",
    patch(`/users/${own.user}`, { organization_id: foreign.organization }),
    ADMINISTRATORS,
  ],
  [
    "create a user in another tenant",
    post("/users", { email: "f@example.com", organization_id: foreign.organization }),
    "201 404 403 403 403   201 201 404 403 403",
  ],
  [
    "delete another tenant's user",
    remove(`/users/${foreign.invitee}`),
    "204 404 403 403 403   204 204 404 403 403",
  ],
  ["invite", post(`/users/${own.invitee}/invite`), "200 200 403 403 403   200 200 200 403 403"],
  [
    "invite to another tenant",
    post(`/users/${foreign.invitee}/invite`),
    "200 404 403 403 403   200 200 404 403 403",
  ],
  [
    "list another's sessions",
    get(`/users/${own.user}/sessions`),
    "200 200 404 403 404   200 200 200 403 404",
  ],
  ["list sessions of another tenant", get(`/users/${foreign.user}/sessions`), FOREIGN_READ],
  [
    "end another's sessions",
    remove(`/users/${own.user}/sessions`),
    "204 204 404 403 404   204 204 204 403 404",
  ],
  [
    "end one session of another",
    remove(`/users/${own.user}/sessions/${own.session}`),
    "204 204 404 403 404   204 204 204 403 404",
  ],
  [
    "end one session of another tenant",
    remove(`/users/${foreign.user}/sessions/${foreign.session}`),
    "204 404 404 404 404   204 204 404 404 404",
  ],
  [
    "end another tenant's session through a user of one's own",
    remove(`/users/${own.user}/sessions/${foreign.session}`),
    "404 404 404 403 404   404 404 404 403 404",
  ],
  ["reset usage", post(`/users/${own.user}/reset-usage`), "200 200 403 403 403   200 200 200 403 403"],
  [
    "reset usage of another tenant",
    post(`/users/${foreign.user}/reset-usage`),
    "200 404 403 403 403   200 200 404 403 403",
  ],
];

const keyRows = (own: Targets, foreign: Targets): DangerousRow[] => [
  ["rotate another's key", post(`/api-keys/${own.key}/rotate`), "200 200 404 403 403   200 200 200 403 404"],
  [
    "rotate another tenant's key",
    post(`/api-keys/${foreign.key}/rotate`),
    "200 404 404 403 403   200 200 404 403 404",
  ],
  ["revoke another's key", post(`/api-keys/${own.key}/revoke`), "200 200 404 403 403   200 200 200 403 404"],
  [
    "revoke another tenant's key",
    post(`/api-keys/${foreign.key}/revoke`),
    "200 404 404 403 403   200 200 404 403 404",
  ],
  [
    "find another's key",
    post("/api-keys/find", { key: secretOfKey(own.user) }),
    "200 200 404 200 404   200 200 200 200 404",
  ],
  ["find another tenant's key", post("/api-keys/find", { key: secretOfKey(foreign.user) }), FOREIGN_READ],
  [
    "widen another's key",
    patch(`/api-keys/${own.key}`, { allowed_ips: null, expires_at: null, budget: null, tags: ["x"] }),
    "200 200 404 403 403   200 200 200 403 404",
  ],
  [
    "create another's key",
    post("/api-keys", { name: "k", user_id: own.user }),
    "201 201 403 403 403   201 201 201 403 403",
  ],
  [
    "create another tenant's key",
    post("/api-keys", { name: "k", user_id: foreign.user }),
    "201 404 403 403 403   201 201 404 403 403",
  ],
  [
    "create a key of another organization",
    post("/api-keys", { name: "k", organization_id: foreign.organization }),
    "201 404 404 403 403   201 201 404 403 404",
  ],
  [
    "import an existing secret",
    post("/api-keys", { name: "k", user_id: own.user, key: "sk-an-existing-secret" }),
    ADMINISTRATORS_201,
  ],
];

const readingRows = (foreign: Targets): DangerousRow[] => [
  ["read another tenant's request", get(`/requests/${foreign.request}`), FOREIGN_READ],
  ["read another tenant's rejected request", get(`/rejections/${foreign.rejection}`), FOREIGN_READ],
  ["read the usage of another tenant", get(`/organizations/${foreign.organization}/usage`), FOREIGN_READ],
  ["read the usage of another tenant's user", get(`/users/${foreign.user}/usage`), FOREIGN_READ],
  ["read the usage of another tenant's key", get(`/api-keys/${foreign.key}/usage`), FOREIGN_READ],
  ["read another tenant's people", get(`/organizations/${foreign.organization}/users`), FOREIGN_READ],
  ["read the audit log", get("/audit-log"), "200 200 403 403 403   200 200 200 403 403"],
  ["read the metrics", get("/metrics"), "200 200 403 403 403   200 200 200 403 403"],
];

const installationRows = (own: Targets, foreign: Targets): DangerousRow[] => [
  [
    "set an organization's budget",
    patch(`/organizations/${own.organization}`, { budget: null }),
    ADMINISTRATORS,
  ],
  [
    "set an organization's allowed_models",
    patch(`/organizations/${own.organization}`, { allowed_models: null }),
    ADMINISTRATORS,
  ],
  [
    "set an organization's member_keys",
    patch(`/organizations/${own.organization}`, { member_keys: { max: 9 } }),
    "200 200 403 403 403   200 200 200 403 403",
  ],
  [
    "set another tenant's member_keys",
    patch(`/organizations/${foreign.organization}`, { member_keys: null }),
    "200 404 403 403 403   200 200 404 403 403",
  ],
  ["suspend an organization", post(`/organizations/${own.organization}/suspend`), ADMINISTRATORS],
  ["resume an organization", post(`/organizations/${own.organization}/resume`), ADMINISTRATORS],
  [
    "suspend another tenant",
    post(`/organizations/${foreign.organization}/suspend`),
    "200 404 403 403 403   200 200 404 403 403",
  ],
  [
    "delete an organization with users",
    remove(`/organizations/${own.organization}`),
    "409 403 403 403 403   409 409 403 403 403",
  ],
  [
    "delete another tenant",
    remove(`/organizations/${foreign.organization}`),
    "409 404 403 403 403   409 409 404 403 403",
  ],
  ["create an organization", post("/organizations", { name: "o" }), ADMINISTRATORS_201],
  ["create a provider", post("/providers", { name: "p", type: "simulated" }), ADMINISTRATORS_201],
  ["read a provider", get(`/providers/${own.provider}`), ADMINISTRATORS],
  [
    "replace a provider's credentials",
    patch(`/providers/${own.provider}`, { credentials: null }),
    ADMINISTRATORS,
  ],
  ["delete a provider", remove(`/providers/${own.provider}`), "204 403 403 403 403   204 204 403 403 403"],
  ["send a provider a test request", post(`/providers/${own.provider}/test`), ADMINISTRATORS],
  ["ask a provider for its models", get(`/providers/${own.provider}/models`), ADMINISTRATORS],
  [
    "ask for a model's price",
    get(`/providers/${own.provider}/price?model=m`),
    "404 403 403 403 403   404 404 403 403 403",
  ],
  ["rotate the encryption key", post("/encryption-key/rotate"), ADMINISTRATORS],
  ["list provider presets", get("/provider-presets"), ADMINISTRATORS],
  [
    "create a model",
    post("/models", {
      name: "m",
      targets: [{ provider_id: own.provider, upstream_model: "m" }],
      price: PRICE,
    }),
    ADMINISTRATORS_201,
  ],
  ["update a model", patch(`/models/${own.model}`, { enabled: false }), ADMINISTRATORS],
  ["delete a model", remove(`/models/${own.model}`), "204 403 403 403 403   204 204 403 403 403"],
  ["import prices", post("/prices/import"), ADMINISTRATORS],
  [
    "adjust a budget",
    post("/adjustments", { scope: { user_id: own.user }, amount_usd: "-1", reason: "r" }),
    ADMINISTRATORS_201,
  ],
  ["reconcile the ledger", get("/reconciliation"), ADMINISTRATORS],
];
