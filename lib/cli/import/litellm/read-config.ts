import { wrongUsage } from "#lib/cli/failure";
import { type Deployment, isSame, readDeployment } from "./deployment";
import { groupTargets, type NewTarget } from "./targets";
import { fieldsIn, isEmpty, NotMovable } from "./values";

/** A model as `POST /models` takes it, except that its targets have whole providers instead of ids. */
export type NewModel = {
  name: string;
  aliases: readonly string[];
  strategy: string;
  targets: readonly NewTarget[];
  settings: Readonly<Record<string, unknown>>;
};

/** Something that is not moved, and why. */
export type Unmoved = { name: string; reason: string };

export type LiteLlmConfig = {
  models: readonly NewModel[];
  /** Models that cannot be moved as a whole. */
  failed: readonly Unmoved[];
  /** Settings without a counterpart. */
  left: readonly Unmoved[];
  /** The models of each of `model_info.access_groups`, moved or not. */
  accessGroups: ReadonlyMap<string, readonly string[]>;
};

/** Sections and settings that need no counterpart, or that are read below. */
const READ = {
  "": ["model_list", "router_settings", "litellm_settings", "environment_variables"],
  router_settings: ["routing_strategy", "num_retries", "fallbacks", "model_group_alias"],
  litellm_settings: ["drop_params", "num_retries", "fallbacks"],
};

/**
 * Reads what a `config.yaml` of LiteLLM says.
 * @param variable a variable of this process, which counts where the file sets none of that name
 * @throws CliError "usage" if it has no list of models
 */
export function readConfig(
  content: unknown,
  path: string,
  variable: (name: string) => string | undefined,
): LiteLlmConfig {
  const config = fieldsIn(content);
  if (!Array.isArray(config.model_list)) throw wrongUsage(`${path} has no model_list.`);
  const set = fieldsIn(config.environment_variables);
  const settings = { ...fieldsIn(config.litellm_settings), ...fieldsIn(config.router_settings) };
  const left: Unmoved[] = leftIn(config);
  const { groups, failed } = groupsIn(config.model_list, (name) =>
    typeof set[name] === "string" ? set[name] : variable(name),
  );
  const aliases = aliasesIn(settings.model_group_alias, new Set(groups.keys()), left);
  const fallbacks = fallbacksIn(settings.fallbacks, groups, left);
  const retries = Number(settings.num_retries);
  const models = [...groups].map(([name, deployments]): NewModel => {
    for (const { left: fields } of deployments)
      for (const field of fields) left.push({ name, reason: `${field} has no counterpart here.` });
    const grouped = groupTargets(deployments, fallbacks.get(name) ?? [], settings.routing_strategy);
    left.push(...grouped.left.map((reason) => ({ name, reason })));
    return {
      name,
      aliases: aliases.get(name) ?? [],
      strategy: grouped.strategy,
      targets: grouped.targets,
      settings: {
        ...(settings.drop_params === true && { drop_unsupported: true }),
        ...(Number.isInteger(retries) && retries >= 0 && { retries: Math.min(retries, 5) }),
      },
    };
  });
  return { models, failed, left, accessGroups: accessGroupsIn(config.model_list) };
}

function accessGroupsIn(list: readonly unknown[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const entry of list.map(fieldsIn)) {
    const { model_name: name } = entry;
    const { access_groups: named } = fieldsIn(entry.model_info);
    if (typeof name !== "string" || !Array.isArray(named)) continue;
    for (const group of named) {
      if (typeof group !== "string") continue;
      const models = groups.get(group) ?? [];
      if (!models.includes(name)) groups.set(group, [...models, name]);
    }
  }
  return groups;
}

type Groups = ReadonlyMap<string, readonly Deployment[]>;

/** The deployments of each `model_name`. A model of which one entry cannot be moved is not moved at all. */
function groupsIn(
  list: readonly unknown[],
  variable: (name: string) => string | undefined,
): { groups: Groups; failed: Unmoved[] } {
  const groups = new Map<string, Deployment[]>();
  const failed: Unmoved[] = [];
  for (const [index, value] of list.entries()) {
    const entry = fieldsIn(value);
    const name = typeof entry.model_name === "string" ? entry.model_name : "";
    const label = name === "" ? `entry ${index + 1}` : name;
    try {
      if (name === "") throw new NotMovable("It has no model_name.");
      if (name.includes("*"))
        throw new NotMovable(
          "Names with * have no counterpart. Name each model, or create a provider with list_models, whose models clients then request as provider/model.",
        );
      const deployment = readDeployment(entry, variable);
      const group = groups.get(name) ?? [];
      if (group.some((other) => isSame(other, deployment)))
        throw new NotMovable(
          "It is there twice with the same account. Keep one entry, with both limits together.",
        );
      groups.set(name, [...group, deployment]);
    } catch (error) {
      if (!(error instanceof NotMovable)) throw error;
      failed.push({ name: label, reason: `entry ${index + 1} of model_list: ${error.message}` });
    }
  }
  for (const { name } of failed) groups.delete(name);
  return { groups, failed };
}

/** `{alias: name}` or `{alias: {model: name, hidden}}`. */
function aliasesIn(value: unknown, names: ReadonlySet<string>, left: Unmoved[]): Map<string, string[]> {
  const aliases = new Map<string, string[]>();
  for (const [alias, said] of Object.entries(fieldsIn(value))) {
    const name = typeof said === "string" ? said : fieldsIn(said).model;
    if (names.has(alias))
      left.push({
        name: alias,
        reason: `It is an alias, and the name of a model: here, requests reach the model${typeof name === "string" ? `, and not "${name.slice(0, 80)}"` : ""}.`,
      });
    else if (typeof name === "string" && names.has(name))
      aliases.set(name, [...(aliases.get(name) ?? []), alias]);
    else left.push({ name: alias, reason: "It is an alias of a model that is not moved." });
  }
  return aliases;
}

/** `[{name: [other, …]}, …]`: the deployments that a model falls back to, in order. */
function fallbacksIn(value: unknown, groups: Groups, left: Unmoved[]): Map<string, Deployment[]> {
  const fallbacks = new Map<string, Deployment[]>();
  const pairs = (Array.isArray(value) ? value : []).flatMap((each) => Object.entries(fieldsIn(each)));
  for (const [name, others] of pairs) {
    for (const other of Array.isArray(others) ? others : [others]) {
      const found = typeof other === "string" ? groups.get(other) : undefined;
      if (groups.has(name) && found !== undefined)
        fallbacks.set(name, [...(fallbacks.get(name) ?? []), ...found]);
      else left.push({ name, reason: "One of its fallbacks, or it itself, is no model that is moved." });
    }
  }
  return fallbacks;
}

function leftIn(config: Readonly<Record<string, unknown>>): Unmoved[] {
  return Object.entries(READ).flatMap(([section, read]) =>
    Object.entries(section === "" ? config : fieldsIn(config[section]))
      .filter(([name, value]) => !read.includes(name) && !isEmpty(value))
      .map(([name]) => ({
        name: section === "" ? name : `${section}.${name}`,
        reason: "This setting is not moved.",
      })),
  );
}
