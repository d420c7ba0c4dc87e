import { compare, type MovingGuide, SIGN_IN } from "./guide";

export const litellmGuide: MovingGuide = {
  id: "litellm",
  title: "LiteLLM",
  summary:
    "A `config.yaml` with a `model_list`, and a database of teams, users and virtual keys, which are SHA-256 digests there.",
  terms: [
    { theirs: "`LITELLM_MASTER_KEY`", ours: "`ADMIN_API_KEY`, or an admin token with a role and an end" },
    {
      theirs: "entry of `model_list`",
      ours: "target of a model; entries with the same `model_name` are one model with several targets",
    },
    {
      theirs: "`litellm_params.model: openai/gpt-5-mini`",
      ours: "`--target openai/gpt-5-mini`: provider and its model",
    },
    { theirs: "`api_key: os.environ/OPENAI_API_KEY`", ours: "credentials of a provider, kept encrypted" },
    { theirs: "`model_group_alias`", ours: "aliases of a model" },
    {
      theirs: "`routing_strategy`",
      ours: "`strategy`: `simple-shuffle` is `weighted`, `latency-based-routing` is `least_latency`, `cost-based-routing` is `cheapest`",
    },
    { theirs: "`fallbacks`, `order`", ours: "targets in order (`priority`)" },
    { theirs: "team", ours: "organization" },
    { theirs: "virtual key, `token`", ours: "API key, `key_sha256`: clients keep theirs" },
    {
      theirs: "`max_budget`, `budget_duration: 30d`",
      ours: "budget with the period `month`; without a duration, `total`",
    },
    {
      theirs: "`rpm_limit`, `tpm_limit`, `max_parallel_requests`",
      ours: "`rate_limits`: `requests_per_minute`, `tokens_per_minute`, `max_concurrent`",
    },
    { theirs: "`/key/info`", ours: "`GET /v1/me` with the key" },
    {
      theirs: "`model_prices_and_context_window.json`",
      ours: "`POST /prices/import` takes it; `PRICE_CATALOGUE_URL` refreshes it",
    },
  ],
  steps: [
    SIGN_IN,
    {
      title: "Create the providers",
      text: "One for each account, under the name that `litellm_params.model` begins with. An entry with an `api_base` is a provider with `--base-url`.",
      code: `echo "$OPENAI_API_KEY" | npx tollgate provider create openai --type openai --api-key -
echo "$ANTHROPIC_API_KEY" | npx tollgate provider create anthropic --type anthropic --api-key -`,
    },
    {
      title: "Create the models of model_list",
      text: "One for each `model_name`; entries with the same name are targets of one model, in order. A model that no catalogue prices is an error that says so, and the others go on: create it with `--input-price` and `--output-price`. For weights, pass `--strategy weighted` and `--target openai/gpt-5,weight=3`.",
      code: `tr -d "\\"'" < config.yaml | awk '{ sub(/^ *- /, "") } $1 == "model_name:" { name = $2 }
  $1 == "model:" { targets[name] = targets[name] " --target " $2 }
  END { for (name in targets) print name targets[name] }' |
while read -r name targets; do
  npx tollgate model create "$name" $targets
done`,
    },
    {
      title: "Export the keys",
      text: "From LiteLLM's database: a line for each, with its name and the fields that `POST /api-keys` takes. Keys that are blocked or have expired are left out.",
      code: `psql "$LITELLM_DATABASE_URL" -At -F "$(printf '\\t')" > keys.tsv <<'SQL'
SELECT left(coalesce(key_alias, key_name, token), 80), json_strip_nulls(json_build_object(
  'key_sha256', token,
  'budget', CASE WHEN max_budget IS NOT NULL THEN json_build_object(
    'limit_usd', round(max_budget::numeric, 12)::text,
    'period', CASE budget_duration WHEN '1d' THEN 'day' WHEN '24h' THEN 'day' WHEN '7d' THEN 'week'
      WHEN '30d' THEN 'month' WHEN '1mo' THEN 'month' ELSE 'total' END) END,
  'rate_limits', CASE WHEN coalesce(rpm_limit, tpm_limit, max_parallel_requests) IS NOT NULL THEN json_build_object(
    'requests_per_minute', rpm_limit, 'tokens_per_minute', tpm_limit, 'max_concurrent', max_parallel_requests) END,
  'allowed_models', CASE WHEN cardinality(models) > 0 AND NOT models && '{all-proxy-models,all-team-models}'
    THEN to_json(models) END,
  'expires_at', to_char(expires, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
FROM "LiteLLM_VerificationToken"
WHERE blocked IS NOT true AND (expires IS NULL OR expires > now() AT TIME ZONE 'UTC');
SQL`,
    },
    {
      title: "Import them",
      text: "A command that fails says why, and the others go on. A name of a model that does not exist here yet may be in the list.",
      code: `npx tollgate org create Acme
while IFS="$(printf '\\t')" read -r name key; do
  npx tollgate key create "$name" --org Acme --data "$key"
done < keys.tsv`,
    },
    compare("api_key"),
  ],
  left: [
    {
      what: "What was spent before the move",
      why: "Budgets begin with nothing spent. Lower the limit of a `total` budget by it, or record an adjustment.",
    },
    {
      what: "Custom callbacks, guardrails and code in `config.yaml`",
      why: "Tollgate runs no code of yours. Webhooks tell of budgets and keys.",
    },
    {
      what: "Passwords and sessions of LiteLLM's UI",
      why: "Invite people (`npx tollgate user invite EMAIL`), or set up single sign-on.",
    },
  ],
};
