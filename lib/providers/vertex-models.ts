import type { Dispatcher } from "undici";
import { type ListApi, listModelPages, ModelsUnavailable } from "./models-list";
import type { ListedModel, ProbeTarget } from "./provider-type";
import { textIn } from "./read-json";

const PAGE_SIZE = 300;

/**
 * What a publisher has in Model Garden (`publishers.models.list`, which v1 does not have:
 * googleapis.github.io/google-api-python-client/docs/dyn/aiplatform_v1beta1.publishers.models.html).
 */
const publisherApi = (publisher: "google" | "anthropic"): ListApi => {
  const prefix = `publishers/${publisher}/models`;
  const first = `${prefix}?pageSize=${PAGE_SIZE}`;
  return {
    headers: [],
    firstPath: first,
    nextPath: (page) => {
      const token = textIn(page, "nextPageToken");
      return token === null || token === "" ? null : `${first}&pageToken=${encodeURIComponent(token)}`;
    },
    maxOutput: [],
    names: [],
    entries: "publisherModels",
    id: "name",
    idPrefix: `${prefix}/`,
    idSuffix: (entry) => versionOf(entry, publisher),
  };
};

/** Requests name the versions of Claude's models that have a date. */
function versionOf(entry: unknown, publisher: string): string {
  const version = publisher === "anthropic" ? textIn(entry, "versionId") : null;
  return version !== null && /^\d{8}$/.test(version) ? `@${version}` : "";
}

/**
 * Lists what Google and Anthropic publish on Vertex AI. It says neither what the project may use nor where it is served.
 * @param isServed whether requests for a model have a wire
 */
export async function listVertexModels(
  agent: Dispatcher,
  provider: ProbeTarget,
  isServed: (id: string) => boolean,
): Promise<readonly ListedModel[]> {
  const list = async (baseUrl: string) => {
    const preview = { ...provider, baseUrl: baseUrl.replace(/\/v1$/, "/v1beta1") };
    const google = await listModelPages(agent, preview, publisherApi("google"));
    const anthropic = await listModelPages(agent, preview, publisherApi("anthropic"));
    return [...google, ...anthropic].filter(({ id }) => isServed(id));
  };
  return list(provider.baseUrl).catch((error: unknown) => {
    // Not every location has the list, which is the same in all of them.
    const isElsewhere = error instanceof ModelsUnavailable && error.isMissing && isGoogles(provider.baseUrl);
    if (!isElsewhere) throw error;
    return list(GLOBAL);
  });
}

const GLOBAL = "https://aiplatform.googleapis.com/v1";

const isGoogles = (baseUrl: string): boolean =>
  baseUrl !== GLOBAL && new URL(baseUrl).hostname.endsWith(".googleapis.com");
