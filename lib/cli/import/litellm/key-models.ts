import { inferredProvider } from "./provider-of";
import { NotMovable } from "./values";

/** What the names in a key's `models` may mean. */
export type KnownModels = {
  /** Names and aliases of the models that there are here. */
  names: ReadonlySet<string>;
  /** By access group: the models of the file that were in it. */
  groups: ReadonlyMap<string, readonly string[]>;
};

/** Models of a key here; null for all. `missing`: names that mean nothing here. */
export type KeyModels = {
  allowed: readonly string[] | null;
  missing: readonly string[];
  note: string | null;
};

const ALL = new Set(["*", "all-proxy-models"]);
const NO_MODELS = "no-default-models";
const MOST_NAMED = 5;

/**
 * The models that a key of LiteLLM reaches: by their names, by access groups, and by patterns like `openai/*`, for those that
 * are moved.
 * @param lists the key's own models, and its team's: a model must be in each
 * @throws NotMovable for a key that would reach none, although it did there
 */
export function modelsOfKey(lists: readonly (readonly string[])[], known: KnownModels): KeyModels {
  const [own = ALL_MODELS, ...others] = lists.map((models) => modelsIn(models, known));
  let { allowed, note } = own;
  for (const other of others) {
    const common = intersection(allowed, other.allowed);
    if (common?.length === 0 && allowed?.length !== 0 && other.allowed?.length !== 0)
      throw new NotMovable("It would reach no model: its own and its team's have none in common here.");
    allowed = common;
    note ??= other.note;
  }
  return { allowed, missing: own.missing, note };
}

const ALL_MODELS: KeyModels = { allowed: null, missing: [], note: null };

function intersection(one: KeyModels["allowed"], other: KeyModels["allowed"]): readonly string[] | null {
  if (one === null || other === null) return one ?? other;
  return one.filter((name) => other.includes(name));
}

/** @throws NotMovable */
function modelsIn(models: readonly string[], { names, groups }: KnownModels): KeyModels {
  if (models.length === 0 || models.some((each) => ALL.has(each))) return ALL_MODELS;
  const asked = models.filter((each) => each !== NO_MODELS);
  if (asked.length === 0)
    return { allowed: [], missing: [], note: "it may use no model, as there (no-default-models)" };
  const allowed = new Set<string>();
  const missing: string[] = [];
  for (const each of asked) {
    const own = matching(each, names);
    const group = groups.get(each);
    for (const name of [...(group ?? []), ...own]) {
      if (names.has(name)) allowed.add(name);
      else missing.push(name);
    }
    if (group === undefined && own.length === 0) missing.push(each);
  }
  if (allowed.size > 0) return { allowed: [...allowed], missing: [...new Set(missing)], note: null };
  const named = missing.slice(0, MOST_NAMED).map((each) => JSON.stringify(each.slice(0, 80)));
  const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : "";
  throw new NotMovable(
    `It would reach no model: no model here matches ${named.join(", ")}${more}. Create what it needs, and import again.`,
  );
}

/** The name itself, or the names that a pattern matches, also without the prefix of the provider that LiteLLM infers. */
function matching(text: string, names: ReadonlySet<string>): readonly string[] {
  if (!text.includes("*")) return names.has(text) ? [text] : [];
  const pattern = new RegExp(`^${text.split("*").map(escaped).join(".*")}$`, "s");
  return [...names].filter((name) => {
    const provider = inferredProvider(name);
    return pattern.test(name) || (provider !== null && pattern.test(`${provider}/${name}`));
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
