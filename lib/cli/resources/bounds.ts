import { Option } from "@commander-js/extra-typings";
import type { Body } from "#lib/cli/api/client";
import { wrongUsage } from "#lib/cli/failure";
import { collected, wholeNumber } from "#lib/cli/options/values";
import type { MemberKeys } from "#lib/services/organizations/member-keys";
import type { Field, Given } from "./field";

/*
 * What an organization, a user and a key allow (`allowed_models`, `member_keys`).
 */

const modelOption = new Option("--model <model>", "allow only this model; may be repeated").argParser(
  collected,
);
const noModelsOption = new Option("--no-models", "allow no model").conflicts("model");
const allModelsOption = new Option("--all-models", "allow all models again").conflicts(["model", "models"]);

const modelsBody = ({ model, models, allModels }: Given): Body => {
  if (allModels === true) return { allowed_models: null };
  if (models === false) return { allowed_models: [] };
  return model === undefined ? {} : { allowed_models: model };
};

/** The models that a new row allows. */
export const modelsField: Field = { options: [modelOption, noModelsOption], toRequest: modelsBody };

/** The same for an update, which can also remove the bound. */
export const modelsChange: Field = {
  options: [modelOption, noModelsOption, allModelsOption],
  toRequest: modelsBody,
};

const memberKeysOptions = [
  new Option("--member-keys-max <n>", "the most active keys per person; 0 for none").argParser(
    wholeNumber(0, 10_000),
  ),
  new Option("--member-keys-days <n>", "the most days until a person's key expires").argParser(
    wholeNumber(1, 3650),
  ),
  new Option(
    "--member-keys-ip <address>",
    "allow people's keys only from this address or range; may be repeated",
  ).argParser(collected),
];
const noMemberKeysOption = new Option(
  "--no-member-keys",
  "remove the bounds of people's keys that are not given",
);

/** The bounds of people's keys in a new organization. */
export const memberKeysField: Field = {
  options: memberKeysOptions,
  toRequest: (given) => memberKeysBody(given),
};

/** The same for an update, which changes only the given parts, and can remove them. */
export const memberKeysChange: Field = {
  options: [...memberKeysOptions, noMemberKeysOption],
  toRequest: (given, { now = {} }) => memberKeysBody(given, now),
};

/**
 * The `member_keys` of a request body; nothing if no option names a part of it.
 * @param now the current bounds, which an option changes in part
 * @throws CliError without a maximum, which the other bounds need
 */
export function memberKeysBody(given: Given, now: { member_keys?: MemberKeys | null } = {}): Body {
  const asked = Object.entries({
    max: given.memberKeysMax,
    max_days: given.memberKeysDays,
    allowed_ips: given.memberKeysIp,
  }).filter(([, value]) => value !== undefined);
  if (asked.length === 0) return given.memberKeys === false ? { member_keys: null } : {};
  const bounds = { ...(given.memberKeys === false ? {} : now.member_keys), ...Object.fromEntries(asked) };
  if (!("max" in bounds)) {
    throw wrongUsage(
      "--member-keys-days and --member-keys-ip need a maximum.",
      "Pass it, too: --member-keys-max 5",
    );
  }
  return { member_keys: bounds };
}
