import type { Dispatcher } from "undici";
import { askProvider, NO_JSON, NO_LIST, noAnswerWithin, problemIn, problemOf } from "./provider-request";
import type { ListedModel, ProbeTarget } from "./provider-type";

/** A provider's models cannot be listed. The message says what to do and holds no secret. */
export class ModelsUnavailable extends Error {
  override name = "ModelsUnavailable";
  constructor(
    message: string,
    readonly timedOut = false,
    /** Whether there is no list at the base URL. */
    readonly isMissing = false,
  ) {
    super(message);
  }
}

/** How much is read of a provider's list. */
export type ListBounds = { deadlineMs: number; pageBytes: number; pages: number };

const BOUNDS: ListBounds = { deadlineMs: 15_000, pageBytes: 4 * 1024 * 1024, pages: 20 };
/** Longer ones are no names of models. */
const MAX_NAME_CHARACTERS = 500;

/** What differs among APIs that list their models at `models`. */
export type ListApi = {
  /** Headers besides those that authenticate: names and values, alternating. */
  headers: readonly string[];
  /** The path of the first page, below the base URL. */
  firstPath: string;
  /** The path of the page after this one; null after the last. */
  nextPath: (page: object) => string | null;
  /** Where an entry has the most output tokens, best first. */
  maxOutput: readonly string[];
  /** Where an entry has its name for people, best first. */
  names: readonly string[];
  /** Where a page has its entries. */
  entries: string;
  /** Where an entry has its name in requests, what stands before it there, and what follows it in requests. */
  id: string;
  idPrefix?: string;
  idSuffix?: (entry: unknown) => string;
};

/** Where an entry has its context window: Groq, OpenRouter and Together, Mistral, vLLM, Anthropic, Google, llama.cpp. */
const CONTEXT_WINDOW = [
  "context_window",
  "context_length",
  "max_context_length",
  "max_model_len",
  "max_input_tokens",
  "inputTokenLimit",
  "meta.n_ctx",
];

/** OpenAI's `GET /models`, which has one page. Others add to its entries. */
const OPENAI: ListApi = {
  headers: [],
  firstPath: "models",
  nextPath: () => null,
  maxOutput: ["max_output_tokens", "max_completion_tokens", "top_provider.max_completion_tokens"],
  names: ["display_name", "name"],
  entries: "data",
  id: "id",
};

/** Anthropic's `GET /v1/models`, with at most 1000 on a page. */
const ANTHROPIC: ListApi = {
  headers: ["anthropic-version", "2023-06-01"],
  firstPath: "models?limit=1000",
  nextPath: (page) => {
    const last = valueAt(page, "last_id");
    return valueAt(page, "has_more") === true && typeof last === "string"
      ? `models?limit=1000&after_id=${encodeURIComponent(last)}`
      : null;
  },
  maxOutput: ["max_tokens"],
  names: ["display_name"],
  entries: "data",
  id: "id",
};

/** Google's `GET /v1beta/models` (ai.google.dev/api/models), with at most 1000 on a page. */
const GOOGLE: ListApi = {
  headers: [],
  firstPath: "models?pageSize=1000",
  nextPath: (page) => {
    const token = valueAt(page, "nextPageToken");
    return typeof token === "string" && token !== ""
      ? `models?pageSize=1000&pageToken=${encodeURIComponent(token)}`
      : null;
  },
  maxOutput: ["outputTokenLimit"],
  names: ["displayName"],
  entries: "models",
  id: "name",
  idPrefix: "models/",
};

/** Lists the models of a provider whose API is like OpenAI's. */
export const listOpenAiModels = (agent: Dispatcher, provider: ProbeTarget) =>
  listModelPages(agent, provider, OPENAI);

/** Lists the models of a provider whose API is like Anthropic's, page by page. */
export const listAnthropicModels = (agent: Dispatcher, provider: ProbeTarget) =>
  listModelPages(agent, provider, ANTHROPIC);

/** Lists the models of Google AI, page by page. */
export const listGoogleModels = (agent: Dispatcher, provider: ProbeTarget) =>
  listModelPages(agent, provider, GOOGLE);

/**
 * Reads a provider's whole list, within bounds of time, size and pages.
 * @returns each model once, in the provider's order
 * @throws ModelsUnavailable
 */
export async function listModelPages(
  agent: Dispatcher,
  provider: ProbeTarget,
  api: ListApi,
  { deadlineMs, pageBytes, pages }: ListBounds = BOUNDS,
): Promise<readonly ListedModel[]> {
  const signal = AbortSignal.timeout(deadlineMs);
  const models = new Map<string, ListedModel>();
  let path: string | null = api.firstPath;
  for (let page = 0; path !== null; page++) {
    if (page === pages) throw new ModelsUnavailable(`The provider's list has more than ${pages} pages.`);
    const read: object = await readPage(agent, provider, api, { path, signal, deadlineMs, pageBytes });
    for (const model of modelsIn(read, api)) if (!models.has(model.id)) models.set(model.id, model);
    path = api.nextPath(read);
  }
  return [...models.values()];
}

type PageRequest = { path: string; signal: AbortSignal; deadlineMs: number; pageBytes: number };

async function readPage(
  agent: Dispatcher,
  provider: ProbeTarget,
  { headers }: ListApi,
  { path, signal, deadlineMs, pageBytes }: PageRequest,
): Promise<object> {
  const answer = await askProvider(agent, provider, { path, headers, signal, maxBytes: pageBytes }).catch(
    (cause: unknown) => {
      if (signal.aborted) throw new ModelsUnavailable(noAnswerWithin(deadlineMs), true);
      throw new ModelsUnavailable(problemOf(cause));
    },
  );
  if (NO_LIST.has(answer.status)) {
    throw new ModelsUnavailable(
      `The provider has no list of its models at this base URL (status ${answer.status}). Is the version segment missing, like /v1?`,
      false,
      true,
    );
  }
  if (answer.status !== 200) throw new ModelsUnavailable(problemIn(answer, provider));
  if (!answer.isWhole) {
    throw new ModelsUnavailable(`The provider's list is larger than ${pageBytes / 1024 / 1024} MiB.`);
  }
  return parsedObject(answer.text);
}

function parsedObject(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = null;
  }
  if (typeof parsed !== "object" || parsed === null) throw new ModelsUnavailable(NO_JSON);
  return parsed;
}

function modelsIn(page: object, api: ListApi): ListedModel[] {
  // Together's is a list without an object around it.
  const entries = Array.isArray(page) ? page : valueAt(page, api.entries);
  if (!Array.isArray(entries)) throw new ModelsUnavailable("The provider's answer is no list of models.");
  return entries.flatMap((entry: unknown) => {
    const given = textAt(entry, [api.id]);
    if (given === undefined) return [];
    const { idPrefix = "", idSuffix } = api;
    const ownId = given.startsWith(idPrefix) ? given.slice(idPrefix.length) : given;
    const id = `${ownId}${idSuffix?.(entry) ?? ""}`;
    const name = textAt(entry, api.names);
    const contextWindow = countAt(entry, CONTEXT_WINDOW);
    const maxOutputTokens = countAt(entry, api.maxOutput);
    return {
      id,
      ...(name !== undefined && name !== id && { name }),
      ...(contextWindow !== undefined && { contextWindow }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    };
  });
}

function textAt(entry: unknown, paths: readonly string[]): string | undefined {
  const found = paths.map((path) => valueAt(entry, path)).find((value) => typeof value === "string");
  return typeof found === "string" && found !== "" && found.length <= MAX_NAME_CHARACTERS ? found : undefined;
}

function countAt(entry: unknown, paths: readonly string[]): number | undefined {
  for (const path of paths) {
    const value = valueAt(entry, path);
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  }
  return undefined;
}

/** The value at a path like `top_provider.max_completion_tokens`. */
function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const part of path.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, part)) return undefined;
    found = Reflect.get(found, part);
  }
  return found;
}
