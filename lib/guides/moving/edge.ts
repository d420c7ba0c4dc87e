import { compare, type MovingGuide, SIGN_IN } from "./guide";

export const edgeGuide: MovingGuide = {
  id: "edge",
  title: "A gateway at the edge, with a script for each operation",
  summary:
    "A worker in front of Cloudflare's AI Gateway, with scripts that create organizations and keys and reset usage.",
  terms: [
    {
      theirs: "`AI_GATEWAY_ACCOUNT_ID`, `AI_GATEWAY_ID`, `AI_GATEWAY_TOKEN`",
      ours: "the same variables: the first start makes a provider of them",
    },
    { theirs: "script that creates an organization", ours: "`npx tollgate org create NAME --budget USD`" },
    {
      theirs: "script that creates a key",
      ours: "`npx tollgate key create NAME --user USER`, or `--create-key` with the user",
    },
    {
      theirs: "script that resets usage",
      ours: "`npx tollgate user reset-usage USER`, an adjustment that the ledger keeps",
    },
    { theirs: "KV entry of a key", ours: "API key; only a keyed hash of it is stored" },
    { theirs: "model route of the worker", ours: "model with targets, in order or by a strategy" },
  ],
  steps: [
    {
      title: "Start with the variables that you have",
      text: "The first start makes a provider, whose models are `cloudflare-ai-gateway/openai/gpt-5-mini` and the like, at the prices of the providers behind it.",
      code: `export AI_GATEWAY_ACCOUNT_ID=… AI_GATEWAY_ID=… AI_GATEWAY_TOKEN=…
npm start`,
    },
    SIGN_IN,
    {
      title: "Create what the scripts created",
      text: "Each command prints JSON with `--json`, for scripts.",
      code: `npx tollgate org create "My Company" --budget 1000
npx tollgate user create ada@acme.example --org "My Company" --budget 50 --create-key
npx tollgate user reset-usage ada@acme.example --reason "agreed with support"`,
    },
    {
      title: "Give a model a name of your own",
      text: "Clients may go on with the worker's names: as names or aliases of models here.",
      code: `npx tollgate model create fast --target cloudflare-ai-gateway/openai/gpt-5-mini`,
    },
    compare("organization"),
  ],
  left: [
    {
      what: "Keys in a KV store that has only their values' hashes",
      why: "Hex SHA-256 digests can be imported (see hashed keys); others cannot.",
    },
    {
      what: "Code of the worker that changes requests",
      why: "Tollgate runs no code of yours. Models, allowed fields (`extra_fields`) and `drop_unsupported` cover the usual reasons for it.",
    },
  ],
};
