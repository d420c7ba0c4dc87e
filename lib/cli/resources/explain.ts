import { text } from "node:stream/consumers";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { Explanation, type Model } from "#lib/cli/api/answers";
import type { Cli } from "#lib/cli/cli";
import { wrongUsage } from "#lib/cli/failure";
import { jsonValue } from "#lib/cli/options/values";
import { usd } from "#lib/cli/output/format";
import { print } from "#lib/cli/output/show";
import { type Column, factLines, tableLines } from "#lib/cli/output/table";
import type { explainModelRequest } from "#lib/services/models/explain-request";
import type { InputOf } from "#lib/services/verb";
import { actionWith } from "./commands/change";
import { type Field, fieldsOf } from "./field";
import { keyLookup } from "./lookups";
import type { ResourceCommand } from "./resource";

const { field, reference } = fieldsOf<InputOf<typeof explainModelRequest>>();

const STDIN = "-";
const keyOption = new Option(
  "--as <key>",
  "the key that would send it: id, name, or first characters",
).conflicts("app");
const appOption = new Option("--app <id>", "the app that would send it, without a user");
const endpointOption = new Option(
  "--endpoint <endpoint>",
  "like chat/completions, responses or messages",
).default("chat/completions");
const bodyOption = new Option(
  "--body <json>",
  'the request\'s body; "-" reads it from stdin (default: a short message)',
).argParser((given) => (given === STDIN ? given : jsonValue(given)));

const bodyField: Field = {
  options: [bodyOption],
  toRequest: async ({ body, endpoint }, { cli }) => ({
    body: body === STDIN ? await bodyFromStdin(cli) : (body ?? shortBody(endpoint)),
  }),
};

const GREETING = "Hello!";

const shortBody = (endpoint: unknown): object => {
  if (endpoint === "responses" || endpoint === "embeddings") return { input: GREETING };
  if (endpoint === "completions") return { prompt: GREETING };
  const messages = [{ role: "user", content: GREETING }];
  return endpoint === "messages" ? { max_tokens: 1_000, messages } : { messages };
};

const SCOPES: readonly Column<Explanation["scopes"][number]>[] = [
  { title: "BUDGET OF", value: ({ scope }) => scope },
  { title: "LIMIT", value: (scope) => usd(scope.limit_usd), align: "right" },
  { title: "SPENT", value: (scope) => usd(scope.spent_usd), align: "right" },
  { title: "HELD", value: (scope) => usd(scope.held_usd), align: "right" },
  { title: "REMAINING", value: (scope) => usd(scope.remaining_usd), align: "right" },
];

const TARGETS: readonly Column<Explanation["targets"][number]>[] = [
  { title: "ORDER", value: ({ order }) => order, align: "right" },
  { title: "PROVIDER", value: ({ provider }) => provider, mayShrink: true },
  { title: "MODEL", value: (target) => target.upstream_model, mayShrink: true },
  { title: "BREAKER", value: ({ state }) => state.replace("_", "-") },
  { title: "LIKELY COST", value: (target) => usd(target.likely_cost_usd), align: "right", mayGo: true },
  { title: "REASON", value: ({ reason }) => reason, mayShrink: true },
];

/** Where it is sent as well, if the first target is slow. */
const hedgeFacts = (hedge: NonNullable<Explanation["hedge"]>) =>
  [
    ["then also to", `${hedge.provider} as ${hedge.upstream_model}, after ${hedge.after_ms} ms`],
    ["held for both", hedge.fits ? `${usd(hedge.hold_usd)} more` : "no: a budget has no room"],
  ] as const;

/** `model explain`: what would happen to a request, and why. */
export const explain: ResourceCommand<Model> = actionWith<Model, Explanation>({
  name: "explain",
  description: "say what would happen to a request for a model, and why; sends nothing",
  fields: [
    reference("api_key_id", keyOption, keyLookup),
    field("app_id", appOption),
    field("endpoint", endpointOption),
    bodyField,
  ],
  check: (given) => {
    if (given.as === undefined && given.app === undefined)
      throw wrongUsage("Pass --as or --app: who would send the request.");
  },
  examples: [
    "npx tollgate model explain gpt-5-mini --as laptop",
    "npx tollgate model explain gpt-5-mini --as laptop --endpoint responses --body - < request.json",
  ],
  item: Explanation,
  print: (cli, { decision, hedge, scopes, targets }) => {
    const place = `${decision.provider} as ${decision.upstream_model}`;
    print(
      cli,
      ...factLines(
        [
          ["decision", decision.allowed ? "allowed" : `rejected: ${decision.code}`],
          ...(decision.allowed
            ? ([
                ["first sent to", place],
                ["held", usd(decision.hold_usd)],
                ...(hedge ? hedgeFacts(hedge) : []),
              ] as const)
            : ([["message", decision.message]] as const)),
        ],
        cli.io.out,
      ),
    );
    if (scopes.length > 0) print(cli, "", ...tableLines(SCOPES, scopes, cli.io.out));
    if (targets.length > 0) print(cli, "", ...tableLines(TARGETS, targets, cli.io.out));
  },
});

async function bodyFromStdin({ io }: Cli): Promise<object> {
  try {
    return jsonValue(await text(io.input.stream));
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrongUsage(`--body -: ${error.message}`);
  }
}
