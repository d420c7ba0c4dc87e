import { type ApiErrorCode, ERROR_STATUS } from "#lib/http/api-error";

/** Why something happens, and what to do. Backquotes mark code. */
export type Help = { cause: string; action: string };

/** A code that only rows of the ledger have. */
export type RowCode = "gateway_died";

/** Every code of an error, in answers, in the ledger (`error_code`) and among rejections. */
export const ERROR_HELP: Readonly<Record<ApiErrorCode | RowCode, Help>> = {
  invalid_request: {
    cause:
      "The body is not JSON, or a field is missing, unknown to the Admin API, or has a wrong type or range.",
    action:
      "Read the message, and `param`, which names the field. For `model` without a value, send one or have an administrator set `DEFAULT_MODEL`.",
  },
  context_length_exceeded: {
    cause:
      "The input, or the input and the output that was asked for, do not fit the model's context window.",
    action:
      "Shorten the conversation, or lower `max_tokens`. If the model has a larger window, an administrator corrects it: `npx tollgate model get MODEL` shows it.",
  },
  unsupported_parameter: {
    cause:
      "The field named in `param` would cost what has no price, would leave state at a provider whose credentials tenants share (`store: true`, `previous_response_id`), or exists at no provider of the model.",
    action:
      "Leave it out. An administrator can have demands left out for a model (`drop_unsupported: true`), give it the missing price, or allow a provider's own field (`extra_fields` in its settings).",
  },
  invalid_api_key: {
    cause:
      "The key is missing, mistyped, revoked or expired, or belongs to another gateway. Of an app: the secret or `x-app-id` is wrong, or no user of its organization has the `external_id` that `x-user-oid` names.",
    action:
      "`npx tollgate apikey find KEY` shows whose key it is and whether it still works. Check that the client sends it as `Authorization: Bearer`, `x-api-key` or `apikey`, and that the base URL is this gateway's. Retrying does not help.",
  },
  payment_expired: {
    cause: "The day `payment_valid_until` of the key's user is over, in UTC.",
    action:
      "An administrator sets a later day, which works from the next request on: `npx tollgate user update USER --payment-valid-until 2027-01-31`.",
  },
  model_not_allowed: {
    cause:
      "A list of allowed models lacks it: that of the key or app, of its user, or of its organization. It must be in each list that is set.",
    action:
      "`GET /v1/models` lists what the key may use. The key's page says which of the three bounds it; an administrator widens that one.",
  },
  ip_not_allowed: {
    cause:
      "The request came from an address outside the key's `allowed_ips`, or outside its organization's `member_keys.allowed_ips`.",
    action:
      "The message has the address. If it is that of a proxy of yours, set `TRUSTED_PROXIES` to its range; else add the address to the key.",
  },
  forbidden: {
    cause: "The Admin API or the portal was asked for something above the role of the user or the token.",
    action: "Use a token of a higher role, or ask an administrator. The message says what is missing.",
  },
  organization_suspended: {
    cause: "An administrator has suspended the organization.",
    action: "`npx tollgate org resume ORG` lets its requests pass again, from the next one on.",
  },
  model_not_found: {
    cause:
      "No enabled model has this name or alias, or a provider's own model has no price, or none of its targets serves this endpoint: the message says which.",
    action:
      "`GET /v1/models` lists the names. Create the model or an alias, or have a provider's own models served as `provider/model` (`list_models: true` in its settings). A key with `provider_id` reaches those of its provider by their bare names. Where a price is missing, the message has the command that gives it one: at an address of your own, `npx tollgate provider update PROVIDER --prices-of openai`.",
  },
  not_found: {
    cause:
      "No endpoint has this path, or the id names nothing that the caller may see: another organization's are answered the same.",
    action:
      "Check the path (`/v1/chat/completions`, `/api/admin/v1/users`) and the id, and whose token it is.",
  },
  method_not_allowed: {
    cause: "The path exists, but not for this method.",
    action:
      "The header `allow` lists the methods. A GET in place of a POST is often a redirect from `http` to `https`: use the final URL.",
  },
  request_timeout: {
    cause: "The body of the request arrived too slowly.",
    action: "Retry. If it repeats, look for a slow network or a proxy between the client and the gateway.",
  },
  conflict: {
    cause: "The name, e-mail address, external id or key is taken, or what should be deleted is still used.",
    action: "The message says what is in the way: choose another value, or remove that first.",
  },
  idempotency_key_reused: {
    cause:
      "The same `Idempotency-Key` came with another body within 24 hours, or its first request is still under way.",
    action: "Use a new key for each new request, and the same one only to repeat a request unchanged.",
  },
  request_too_large: {
    cause:
      "The body is larger than `MAX_BODY_BYTES` (32 MiB unless set), or has more values than the gateway reads.",
    action: "Send images by URL or smaller, or raise `MAX_BODY_BYTES`.",
  },
  unsupported_media_type: {
    cause: "The body is not declared as JSON, or is compressed.",
    action: "Send `content-type: application/json`, uncompressed.",
  },
  upgrade_required: {
    cause: "The client asked for `/v1/responses` over a WebSocket, which is not served.",
    action: "Nothing: Codex and the SDKs go on over HTTP by themselves.",
  },
  rate_limit_exceeded: {
    cause: "A rate limit of the key, user, app, organization or installation is reached.",
    action:
      "Wait for `retry-after` seconds: SDKs do. The headers `x-ratelimit-*` show the tightest limit; the message says whose it is.",
  },
  insufficient_quota: {
    cause:
      "A budget has less left than the request needs: the message names whose, what is left and what was needed.",
    action:
      "Retrying does not help until the period ends. An administrator raises the budget or adds credit. `GET /v1/me` shows all budgets of a key.",
  },
  budget_in_flight: {
    cause:
      "The budget would do, but requests in flight hold what is left of it: each holds the most that it can cost.",
    action:
      "Wait for `retry-after` seconds. A lower `max_tokens` makes holds smaller, so that more requests fit at the same time.",
  },
  concurrency_limit_exceeded: {
    cause: "As many requests are in flight as `max_concurrent` of the key, user, app or organization allows.",
    action: "Wait for `retry-after` seconds, or send fewer at once.",
  },
  upstream_rate_limited: {
    cause: "Every target of the model answered with 429.",
    action:
      "Wait for `retry-after` seconds. If it is frequent, an administrator adds a target, or several credentials to the provider: they take turns.",
  },
  client_closed_request: {
    cause: "The client hung up before the answer ended. Only rows have this code, with the status 499.",
    action:
      "Nothing, if people stop answers. Else raise the client's timeout, and those of proxies between it and the gateway.",
  },
  internal_error: {
    cause: "The gateway has a fault.",
    action: "Find the request's id (`x-request-id`) in the log, and report it with the lines around it.",
  },
  upstream_error: {
    cause:
      "Every target failed: it could not be reached, answered with 5xx, or rejected the gateway's credentials.",
    action:
      "The request's row shows each attempt with its reason (`npx tollgate request get ID`, or its page). `npx tollgate provider test PROVIDER` checks address and credentials.",
  },
  service_unavailable: {
    cause:
      "The gateway is shutting down, or the database is unavailable and the organization's `failure_mode` is `fail_closed`.",
    action:
      "Retry after `retry-after` seconds. `GET /health` says which part is down. `failure_mode: fail_open` with an allowance serves through an outage of the database.",
  },
  upstream_timeout: {
    cause:
      "A target did not connect, begin or go on to answer in time, or the whole request took longer than `REQUEST_TIMEOUT_MS`.",
    action:
      "Raise the target's `timeout_ms` for a model that thinks long before it answers, or `REQUEST_TIMEOUT_MS`. The row's attempts say where the time went.",
  },
  gateway_died: {
    cause:
      "The process that served the request was killed. The request was charged what it may have cost, within its hold (status `swept`): by estimate, and under a hard budget for the most that its prompt can be.",
    action:
      "Look for a crash or a lack of memory at that time. If the process still settles it later, the row is corrected.",
  },
};

/** The HTTP status of a code; null of one that only rows have. */
export function statusOfCode(code: string): number | null {
  const statuses: Readonly<Record<string, number>> = ERROR_STATUS;
  return statuses[code] ?? null;
}
