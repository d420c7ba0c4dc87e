import { type Path, paramOfPath, pathOf } from "#lib/dialects/text/cut-path";
import { isObject } from "#lib/dialects/text/json-fields";
import { WIRES } from "#lib/translation/registry";
import { named } from "./named";
import { sentBy } from "./translate";
import { wordsOf } from "./wire-words";

/** A way of a request: from a client's dialect to a model on a wire. */
export type Plan = { dialect: string; wire: string; model: string };

/** Of each wire, models that take different things. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  messages: ["claude-sonnet-5-5", "claude-sonnet-4-5", "claude-3-5-haiku-latest", "glm-5"],
  gemini: ["gemini-3.8-flash", "gemini-3-pro-preview", "gemini-2.5-flash"],
  converse: [
    "us.amazon.nova-2-lite-v1:0",
    "us.amazon.nova-pro-v1:0",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "mistral.mistral-large-3-675b-instruct",
    "openai.gpt-oss-120b-1:0",
    "us.meta.llama4-maverick-17b-instruct-v1:0",
  ],
  responses: ["gpt-5.2", "gpt-4.1"],
  chat: ["gpt-5.2", "gpt-4.1", "gpt-oss-120b", "deepseek-chat"],
};

/** All ways of a dialect's requests but to its own wire, where they pass through. */
export const plansOf = (dialect: string): readonly Plan[] =>
  WIRES.filter(({ name }) => name !== dialect).flatMap(({ name: wire }) =>
    named(MODELS, wire).map((model) => ({ dialect, wire, model })),
  );

/** What becomes of a request on its way. */
export type Outcome = {
  /** What the provider says is wrong with it; null for nothing. */
  fault: string | null;
  refused: readonly string[];
  dropped: readonly string[];
  /** Named parts that the client's body does not have. */
  misnamed: readonly string[];
  /** Marks of the client's body that are neither on the wire nor named. */
  lost: readonly string[];
};

export function outcomeOf(body: object, { dialect, wire, model }: Plan): Outcome {
  const { sent, dropped, refused } = sentBy(dialect, wire, model, body);
  const json = JSON.stringify(sent);
  const isNamed = (path: string) =>
    [...dropped, ...refused].some(
      (at) => path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`),
    );
  return {
    fault: refused.length > 0 ? null : wordsOf(wire).fault(model, sent),
    refused,
    dropped,
    misnamed: [...dropped, ...refused].filter((at) => valueAt(body, pathOf(at)) === undefined),
    lost: marksIn(body).flatMap(({ mark, at }) =>
      json.includes(mark) || isNamed(at) ? [] : [`${mark} at ${at}`],
    ),
  };
}

function valueAt(body: unknown, path: Path): unknown {
  let value = body;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === "number") value = value[step];
    else value = isObject(value) ? value[step] : undefined;
  }
  return value;
}

/** A word by which a part of a body is found again, as it is or in base64. */
const MARK = /mark[_A-Z]\w*|bWFya[A-Za-z0-9+/]+=*/g;

/** The marks in names and values at all depths, and where they are. */
function marksIn(value: unknown, path: Path = []): { mark: string; at: string }[] {
  const found = (text: string) => [...text.matchAll(MARK)].map(([mark]) => ({ mark, at: paramOfPath(path) }));
  if (typeof value === "string") return found(value);
  if (Array.isArray(value)) return value.flatMap((item, index) => marksIn(item, [...path, index]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...found(name),
    ...marksIn(inner, [...path, name]),
  ]);
}
