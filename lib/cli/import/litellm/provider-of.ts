import { type FileProvider, type ProviderEntry, readProvider } from "#lib/services/key-file/key-file";
import { type Fields, given, NotMovable, textIn } from "./values";

/** LiteLLM's prefixes (docs.litellm.ai/docs/providers): our type or preset, and the variable that has the API key. */
const PREFIXES: ReadonlyMap<string, readonly [provider: string, variable: string | null]> = new Map([
  ["openai", ["openai", "OPENAI_API_KEY"]],
  ["anthropic", ["anthropic", "ANTHROPIC_API_KEY"]],
  ["gemini", ["google", "GEMINI_API_KEY"]],
  ["groq", ["groq", "GROQ_API_KEY"]],
  ["mistral", ["mistral", "MISTRAL_API_KEY"]],
  ["deepseek", ["deepseek", "DEEPSEEK_API_KEY"]],
  ["xai", ["xai", "XAI_API_KEY"]],
  ["openrouter", ["openrouter", "OPENROUTER_API_KEY"]],
  ["together_ai", ["together", "TOGETHERAI_API_KEY"]],
  ["fireworks_ai", ["fireworks", "FIREWORKS_AI_API_KEY"]],
  ["moonshot", ["moonshot", "MOONSHOT_API_KEY"]],
  ["zai", ["zai", "ZAI_API_KEY"]],
  ["cerebras", ["cerebras", "CEREBRAS_API_KEY"]],
  ["perplexity", ["perplexity", "PERPLEXITYAI_API_KEY"]],
  ["nvidia_nim", ["nvidia", "NVIDIA_NIM_API_KEY"]],
  ["github", ["github-models", "GITHUB_API_KEY"]],
  ["lm_studio", ["lm-studio", "LM_STUDIO_API_KEY"]],
  ["ollama", ["ollama", null]],
  ["ollama_chat", ["ollama", null]],
]);

/** Makers whose own types take a base URL. */
const PRICED_BY_NAME = new Set(["openai", "anthropic", "gemini"]);

/** Prefixes of servers that speak OpenAI's API at their `api_base`. */
const OWN_SERVERS: ReadonlyMap<string, string> = new Map([
  ["hosted_vllm", "vllm"],
  ["custom_openai", "openai-compatible"],
  ["openai_like", "openai-compatible"],
  ["litellm_proxy", "openai-compatible"],
]);

/** Ways to sign in that a provider here does not have. */
const OTHER_CREDENTIALS = [
  "aws_role_name",
  "aws_profile_name",
  "aws_web_identity_token",
  "azure_ad_token",
  "litellm_credential_name",
];

export type Upstream = { provider: FileProvider; upstreamModel: string };

/**
 * The provider and its model that `litellm_params` name, whose values may be `os.environ/NAME`.
 * @param variable a variable of LiteLLM's environment
 * @throws NotMovable
 */
export function upstreamOf(params: Fields, variable: (name: string) => string | undefined): Upstream {
  const resolved = (name: string): string | undefined => {
    const text = textIn(params, name);
    const [, from] = /^os\.environ\/(.+)$/.exec(text ?? "") ?? [];
    if (from === undefined) return text;
    const found = variable(from);
    if (found === undefined) throw new NotMovable(`${name}: the variable ${from} is not set. Export it.`);
    return found;
  };
  const other = OTHER_CREDENTIALS.find((name) => params[name] !== undefined);
  if (other !== undefined)
    throw new NotMovable(
      `Providers do not sign in by ${other}. Create a provider with credentials of its own.`,
    );
  const { prefix, model } = namesIn(params);
  return {
    provider: checked(entryOf(prefix, resolved, variable)),
    upstreamModel: withoutRoute(prefix, model),
  };
}

function namesIn(params: Fields): { prefix: string; model: string } {
  const text = textIn(params, "model");
  if (text === undefined) throw new NotMovable("litellm_params.model is missing.");
  const custom = textIn(params, "custom_llm_provider");
  const slash = text.indexOf("/");
  const begun = text.slice(0, Math.max(slash, 0));
  if (custom !== undefined) return { prefix: custom, model: begun === custom ? text.slice(slash + 1) : text };
  if (slash > 0) return { prefix: begun, model: text.slice(slash + 1) };
  const inferred = inferredProvider(text);
  if (inferred !== null) return { prefix: inferred, model: text };
  throw new NotMovable(`"${text}" names no provider. Write it as openai/${text} or the like.`);
}

/** The provider whose model a name without a prefix is, as LiteLLM infers it. */
export function inferredProvider(name: string): string | null {
  if (/^(gpt-|chatgpt-|o\d|text-embedding-)/.test(name)) return "openai";
  return name.startsWith("claude-") ? "anthropic" : null;
}

/** Without the parts that say which of a provider's endpoints LiteLLM uses. */
const withoutRoute = (prefix: string, model: string): string =>
  prefix === "azure" || prefix === "bedrock"
    ? model.replace(/^(?:converse|invoke|responses|o_series|gpt5_series)\//, "")
    : model;

type Resolved = (name: string) => string | undefined;

function entryOf(prefix: string, resolved: Resolved, variable: Resolved): ProviderEntry {
  const base_url = resolved("api_base") ?? resolved("base_url");
  const api_key = resolved("api_key");
  const own = OWN_SERVERS.get(prefix);
  if (own !== undefined) {
    if (base_url === undefined) throw new NotMovable("Give its api_base.");
    return { provider: own, base_url, ...(api_key !== undefined && { api_key }) };
  }
  if (prefix === "azure") return azure(base_url ?? variable("AZURE_API_BASE"), resolved, variable);
  if (prefix === "bedrock") return bedrock(resolved, variable);
  if (prefix === "vertex_ai") return vertex(resolved, variable);
  const [provider, keyVariable] = PREFIXES.get(prefix) ?? [];
  if (provider === undefined)
    throw new NotMovable(
      `The provider "${prefix.slice(0, 40)}" is not known here. Create the model by hand.`,
    );
  // The key of OpenAI's own API is sent to no other server.
  const isElsewhere = prefix === "openai" && base_url !== undefined && !isOpenAi(base_url);
  const key = api_key ?? (isElsewhere || !keyVariable ? undefined : variable(keyVariable));
  if (key === undefined && keyVariable && !isElsewhere && provider !== "lm-studio")
    throw new NotMovable(`Give its api_key, or export ${keyVariable}.`);
  return {
    provider: isElsewhere ? "openai-compatible" : provider,
    // LiteLLM charges a model by its name, wherever it is.
    ...(base_url !== undefined && PRICED_BY_NAME.has(prefix) && { settings: { prices_of: provider } }),
    ...(base_url !== undefined && { base_url: provider === "ollama" ? withVersion(base_url) : base_url }),
    ...(key !== undefined && { api_key: key }),
  };
}

const isOpenAi = (url: string): boolean => /^https:\/\/api\.openai\.com(\/|$)/.test(url);

/** LiteLLM takes Ollama's root and speaks its own API; we speak OpenAI's. */
const withVersion = (url: string): string => url.replace(/^(https?:\/\/[^/]+)\/?$/, "$1/v1");

function azure(base_url: string | undefined, resolved: Resolved, variable: Resolved): ProviderEntry {
  const entra = given({
    tenant_id: resolved("tenant_id"),
    client_id: resolved("client_id"),
    client_secret: resolved("client_secret"),
  });
  const key = resolved("api_key") ?? variable("AZURE_API_KEY");
  return {
    provider: "azure-openai",
    ...(base_url !== undefined && { base_url }),
    ...(Object.keys(entra).length > 0 ? { credentials: entra } : key !== undefined && { api_key: key }),
  };
}

function bedrock(resolved: Resolved, variable: Resolved): ProviderEntry {
  if (resolved("aws_bedrock_runtime_endpoint") !== undefined)
    throw new NotMovable("Requests to Bedrock go to the region's own endpoint.");
  const keys = given({
    access_key_id: resolved("aws_access_key_id") ?? variable("AWS_ACCESS_KEY_ID"),
    secret_access_key: resolved("aws_secret_access_key") ?? variable("AWS_SECRET_ACCESS_KEY"),
    session_token: resolved("aws_session_token"),
  });
  const key = resolved("api_key");
  const region =
    resolved("aws_region_name") ?? variable("AWS_REGION_NAME") ?? variable("AWS_REGION") ?? undefined;
  return {
    provider: "bedrock",
    settings: given({ region }),
    ...(key === undefined ? { credentials: keys } : { api_key: key }),
  };
}

function vertex(resolved: Resolved, variable: Resolved): ProviderEntry {
  const project = resolved("vertex_project") ?? variable("VERTEXAI_PROJECT");
  const location = resolved("vertex_location") ?? variable("VERTEXAI_LOCATION");
  try {
    const account: unknown = JSON.parse(resolved("vertex_credentials") ?? "");
    return {
      provider: "vertex",
      settings: given({ project, location }),
      credentials: { service_account: account },
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new NotMovable(
      "vertex_credentials must be a service account's JSON itself, here or in a variable.",
    );
  }
}

function checked(entry: ProviderEntry): FileProvider {
  const read = readProvider(entry);
  if ("problem" in read) throw new NotMovable(read.problem);
  return read;
}
