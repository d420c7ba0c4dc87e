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
      title: "Create the providers and models of model_list",
      text: "One provider for each account, one model for each `model_name`. Two entries with one name become two targets.",
      code: `echo "$OPENAI_API_KEY" | npx tollgate provider create --preset openai --api-key -
echo "$ANTHROPIC_API_KEY" | npx tollgate provider create --preset anthropic --api-key -
npx tollgate model create fast --target openai/gpt-5-mini
npx tollgate model create smart --strategy weighted \\
  --target anthropic/claude-sonnet-4-5,weight=3 --target openai/gpt-5,weight=1`,
    },
    {
      title: "Export the keys",
      text: "From LiteLLM's database, a JSON object in each line. Keys that are blocked or have expired are left out.",
      code: `psql "$LITELLM_DATABASE_URL" -At -c "SELECT json_build_object('name', coalesce(key_alias, key_name, left(token, 8)),
  'key_sha256', token, 'budget', max_budget, 'duration', budget_duration, 'models', models, 'rpm', rpm_limit, 'tpm', tpm_limit)
  FROM \\"LiteLLM_VerificationToken\\"
  WHERE blocked IS NOT true AND (expires IS NULL OR expires > now())" > keys.jsonl`,
    },
    {
      title: "Import them",
      text: "With their budgets, models and rates. A name of a model that does not exist here yet may be in the list.",
      code: `org=$(npx tollgate org create Acme --json | jq -r .id)
jq -c --arg org "$org" '{name, organization_id: $org, key_sha256,
    budget: (if .budget then {limit_usd: (.budget | tostring),
      period: (if .duration == null then "total" elif .duration == "1d" or .duration == "24h" then "day"
        elif .duration == "7d" then "week" else "month" end)} else null end),
    rate_limits: ({requests_per_minute: .rpm, tokens_per_minute: .tpm} | with_entries(select(.value)) | if . == {} then null else . end),
    allowed_models: (if (.models // []) | length == 0 or any(. == "all-proxy-models") then null else .models end)}' keys.jsonl |
while read -r key; do
  curl -sS "$TOLLGATE_URL/api/admin/v1/api-keys" -H "authorization: Bearer $TOLLGATE_TOKEN" \\
    -H "content-type: application/json" -d "$key"
done`,
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
