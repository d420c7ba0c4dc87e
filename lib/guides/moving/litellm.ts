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
      ours: "target: a provider, whose name has a digest of its credentials, and its model",
    },
    { theirs: "`api_key: os.environ/OPENAI_API_KEY`", ours: "credentials of a provider, kept encrypted" },
    { theirs: "`model_group_alias`", ours: "aliases of a model" },
    {
      theirs: "`routing_strategy`",
      ours: "`strategy`: `simple-shuffle` is `weighted`, `latency-based-routing` is `least_latency`, `cost-based-routing` is `cheapest`",
    },
    {
      theirs: "`fallbacks`, `order`",
      ours: "targets in order (`priority`); fallbacks of a weighted model are its targets of weight 0",
    },
    {
      theirs: "`model_info.base_model` of a deployment",
      ours: "the catalogue's price of that model as of the import, as the target's own price",
    },
    { theirs: "team", ours: "organization" },
    {
      theirs: "`model_info.access_groups`, `openai/*` in a key's models",
      ours: "`allowed_models` with the names that they mean when the key is imported",
    },
    { theirs: "`metadata.tags` of a key", ours: "`tags` of the key, on each of its requests" },
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
      title: "See what would be created",
      text: "In LiteLLM's environment, because values like `os.environ/OPENAI_API_KEY` are read from it. What cannot be moved is listed with its reason; a model of which one entry cannot be moved is not moved in part.",
      code: `npx tollgate import config.yaml --from litellm --dry-run`,
    },
    {
      title: "Export the keys",
      text: "From LiteLLM's database, with the budgets and teams that keys refer to. An answer of `/key/list?return_full_object=true&size=100` will do, too, with all of its pages in one array; it lacks the models of teams, so keys that have those need the query. No key is in it, only digests.",
      code: `psql "$LITELLM_DATABASE_URL" --csv > keys.csv <<'SQL'
SELECT token, key_alias, key_name, k.spend, k.expires, k.user_id, team_id, k.metadata,
  k.models, t.models AS models_of_team, k.aliases, k.config, k.permissions,
  to_jsonb(k) -> 'allowed_routes' AS allowed_routes,
  coalesce(nullif(k.model_max_budget, '{}'), b.model_max_budget) AS model_max_budget,
  coalesce(k.blocked, false) OR coalesce(t.blocked, false) AS blocked,
  coalesce(k.max_budget, b.max_budget) AS max_budget,
  coalesce(k.budget_duration, b.budget_duration) AS budget_duration,
  coalesce(k.rpm_limit, b.rpm_limit) AS rpm_limit,
  coalesce(k.tpm_limit, b.tpm_limit) AS tpm_limit,
  coalesce(k.max_parallel_requests, b.max_parallel_requests) AS max_parallel_requests
FROM "LiteLLM_VerificationToken" k
LEFT JOIN "LiteLLM_BudgetTable" b USING (budget_id)
LEFT JOIN "LiteLLM_TeamTable" t USING (team_id)
SQL`,
    },
    {
      title: "Give teams with a budget organizations of their own",
      text: "A team's budget (`max_budget` and `budget_duration` in `LiteLLM_TeamTable`) bounds all of its keys together, as an organization's does here. For each such team, create an organization with the budget, and import the team's keys into it before the others.",
      code: `npx tollgate org create Acme-Research --budget 100 --period month
npx tollgate import config.yaml --from litellm --keys keys.csv --team research --org Acme-Research`,
    },
    {
      title: "Import both",
      text: "Clients keep their keys. Importing again creates only what is missing; a model or key that exists stays as it is. A key's access groups and patterns become the names of models that they mean now, as far as its team has them, too; one that would reach no model is listed, and not created. Tags in its metadata become its tags. The ids of a key's team and user become its metadata: `npx tollgate usage --by metadata:team_id` sums by them.",
      code: `npx tollgate org create Acme
npx tollgate import config.yaml --from litellm --keys keys.csv --org Acme`,
    },
    compare("api_key"),
  ],
  left: [
    {
      what: "What was spent before the move",
      why: "A budget without a duration becomes what is left of it. Budgets with a period begin anew; an adjustment records what was spent of them.",
    },
    {
      what: "Budgets of users, and budgets of other durations than a day, a week or a month",
      why: "Create those users here with a budget, and keys that are theirs (`npx tollgate key create NAME --user EMAIL --sha256 DIGEST`). A key with another duration is listed and not created, rather than without its limit.",
    },
    {
      what: "Keys with `model_max_budget`, `model_rpm_limit` or `model_tpm_limit`, or with `allowed_routes` other than `llm_api_routes`",
      why: "They are listed and not created, since here they could do more. Create them with `allowed_models` and a budget of their own.",
    },
    {
      what: "Entries of `model_list` with `*`, or of one team alone, and providers that are not served here",
      why: "Each is listed with its reason. Name the models, or create a provider with `list_models`, whose models clients request as `provider/model`.",
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
