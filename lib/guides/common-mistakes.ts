import type { Help } from "./error-help";

/** What people see when something is set up otherwise than they think. */
export const COMMON_MISTAKES: readonly (Help & { symptom: string })[] = [
  {
    symptom: "An SDK gets a page of HTML, or 404 `not_found` for `/v1/v1/messages` and the like",
    cause:
      "The base URL is another gateway's, lacks `/v1`, or has it twice. OpenAI's SDKs need it, Anthropic's add it themselves.",
    action:
      "The message says which endpoint to use. OpenAI: `https://gateway.example.com/v1`. Anthropic and Claude Code: `https://gateway.example.com`.",
  },
  {
    symptom: "401 although the key is right",
    cause:
      "Another variable takes precedence (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY` of the shell), or a proxy removes `Authorization`.",
    action: "Send the key as `x-api-key` or `apikey`, and see `GET /v1/me`: it answers who the key is.",
  },
  {
    symptom: "401 from an app although its secret is right",
    cause: "`x-user-oid` names a user whom the app's organization does not have.",
    action:
      "Create the user with that `external_id`, let the app do so (`create_users`), or leave the header out.",
  },
  {
    symptom: "`insufficient_quota` although little was spent",
    cause:
      "The request may cost more than is left: without `max_tokens`, as much output as the model allows is held.",
    action: "Send `max_tokens`. `npx tollgate model explain MODEL --as KEY` shows the hold and every budget.",
  },
  {
    symptom: "Answers are shorter than asked for, with `x-tollgate-max-tokens`",
    cause:
      "A budget has room for less output than was asked for, so the gateway set a lower bound instead of rejecting the request.",
    action: "Raise the budget, or take `finish_reason: length` as its end.",
  },
  {
    symptom: "A model cannot be created: no catalogue has its price",
    cause:
      "Every model has a price, since budgets are held before a request is sent. Yours has a name that no catalogue knows.",
    action:
      "Pass `--input-price` and `--output-price` (US dollars per million tokens; 0 for a server of your own), or import a catalogue (`POST /prices/import`).",
  },
  {
    symptom: "404: the model of a provider has no price, at a `base_url` of your own",
    cause:
      "Prices go by the host of the base URL, since another host may charge otherwise. At an address that no catalogue knows, a provider's own models have no price; neither has a key with `provider_id` a model there.",
    action:
      "If it charges what OpenAI does: `npx tollgate provider update PROVIDER --prices-of openai` (or `anthropic`, `google`, a preset). Else give single models a price: `npx tollgate model create MODEL --provider PROVIDER --input-price 1 --output-price 2`, or many by `npx tollgate price import FILE`.",
  },
  {
    symptom: "A stream arrives all at once",
    cause: "A proxy between the client and the gateway buffers it.",
    action:
      "In nginx: `proxy_buffering off;`. Tollgate sends `x-accel-buffering: no`, which nginx heeds unless it is told not to.",
  },
  {
    symptom: "Every client has the address of the proxy, and `allowed_ips` rejects all",
    cause: "The gateway trusts no `x-forwarded-for` unless told to.",
    action: "`TRUSTED_PROXIES=10.0.0.0/8`, the range that your proxies are in.",
  },
  {
    symptom: "Rate limits allow more than they say with several replicas",
    cause: "Without Redis each replica counts by itself.",
    action: "Set `REDIS_URL`. Budgets are exact either way.",
  },
  {
    symptom: "A change of a key takes effect, but one of an environment variable does not",
    cause: "Variables are read once, at the start, and those that create providers only at the first start.",
    action: "Restart the gateway. Change providers in the Admin API or by `npx tollgate provider update`.",
  },
  {
    symptom: "The start ends with a migration that this version does not know",
    cause: "A newer version has used the database.",
    action: "Start that version or a later one, or restore the backup from before the upgrade.",
  },
  {
    symptom: "The administrator's password is lost",
    cause:
      "It was printed once, at the first start; `ADMIN_EMAIL` and `ADMIN_PASSWORD` create the first administrator only.",
    action:
      "Sign in the CLI with `ADMIN_API_KEY` (embedded: in `secrets.json` in `DATA_DIR`), create another user with the role `admin`, and open the link of `npx tollgate user invite EMAIL`.",
  },
];
