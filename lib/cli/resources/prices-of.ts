import { Option } from "@commander-js/extra-typings";
import { PRICED_PROVIDERS } from "#lib/providers/prices-of-setting";
import { type Field, textOf } from "./field";

const NONE = "none";

const pricesOption = new Option(
  "--prices-of <name>",
  "whose prices apply at a base URL of its own (none: those of its host)",
).choices([...PRICED_PROVIDERS, NONE]);

/** The setting `prices_of`. The other settings stay: those that are given, of a preset, or the ones that there are. */
export const pricesField: Field = {
  options: [pricesOption],
  toRequest: (given, { now }) => {
    const name = textOf(given, pricesOption);
    if (name === undefined) return {};
    const { prices_of: _, ...settings } = Object(given.settings ?? Object(now).settings);
    return { settings: name === NONE ? settings : { ...settings, prices_of: name } };
  },
};
