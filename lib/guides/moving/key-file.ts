import { compare, type MovingGuide, SIGN_IN } from "./guide";

export const keyFileGuide: MovingGuide = {
  id: "keys-json",
  title: "A gateway with a keys.json file",
  summary:
    "A file lists virtual keys, each with the provider and the provider's API key that its requests use. Limits come from environment variables.",
  terms: [
    {
      theirs: "virtual key",
      ours: "API key with `provider_id`: it reaches every model that its provider lists and the catalogue prices",
    },
    {
      theirs: "`provider` and `api_key` of an entry",
      ours: 'provider, one for each distinct pair, by its name in any case; credentials are kept encrypted, and several take turns as `"credentials": [{"api_key": "sk-…"}, …]` instead of `api_key`',
    },
    {
      theirs: "requests per hour of the gateway",
      ours: "`RATE_LIMIT_WINDOWS=100/1h`, or `rate_limits.windows` of a key",
    },
    { theirs: "`/llm/v1/…`", ours: "the same path, or `/v1/…`" },
    {
      theirs: "editing the file and restarting",
      ours: "the portal, the CLI or the Admin API, without a restart",
    },
  ],
  steps: [
    SIGN_IN,
    {
      title: "Import the file once",
      text: "Clients keep their keys. A dry run lists what would be created; importing again creates only what is missing.",
      code: `npx tollgate org create Acme
npx tollgate import keys.json --org Acme --dry-run
npx tollgate import keys.json --org Acme`,
    },
    {
      title: "Or read it at each start",
      text: "For a deployment that keeps the file. An entry that cannot be used stops the start with an error that names it.",
      code: "KEYS_FILE_PATH=/etc/gateway/keys.json npm start",
    },
    {
      title: "Price the models of your own servers",
      text: 'A key reaches the models that its provider lists and a catalogue prices. Prices go by the provider\'s host: of a `base_url` of your own, say whose apply, in the entry (`"settings": {"prices_of": "openai"}`) or by `npx tollgate provider update PROVIDER --prices-of openai`. For models of your own, import a catalogue in LiteLLM\'s form.',
      code: `cat > prices.json <<'JSON'
{"my-model": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}
JSON
npx tollgate price import prices.json`,
    },
    {
      title: "Limit the keys",
      text: "For the whole installation by environment, or budgets for the organization.",
      code: `RATE_LIMIT_REQUESTS_PER_MINUTE=60 npm start
npx tollgate org update Acme --budget 100 --period month`,
    },
    compare("api_key"),
  ],
  left: [
    {
      what: "Counts of requests so far",
      why: "They are in the old process's memory or Redis. Windows begin empty here.",
    },
    {
      what: "Keys that exist already",
      why: "They stay as they are; the import says if one is revoked, in another organization or bound to another provider. Two entries of one key in the file are an error.",
    },
    {
      what: "Entries of providers that Tollgate does not know",
      why: "The import names each with the reason. Give it `base_url` if the provider speaks OpenAI's dialect.",
    },
  ],
};
