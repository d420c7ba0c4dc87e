import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Body } from "#lib/cli/api/client";
import type { Field, Given } from "./field";

type Pairs = Readonly<Record<string, string>>;

/** "team=search", added to the pairs that were given before it. */
export function pairValue(text: string, before: Pairs | undefined): Pairs {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Must be a name and a value, like team=search.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

const option = (description: string) =>
  new Option("--metadata <name=value>", `${description}; may be repeated`).argParser(pairValue);

/** The metadata of a new row. */
export const metadataField: Field = {
  options: [option("a pair of metadata, like team=search")],
  toRequest: ({ metadata }) => (metadata === undefined ? {} : { metadata }),
};

/** The same for an update, which changes only the given pairs, and can remove them. */
export const metadataChange: Field = {
  options: [
    option("set a pair of metadata, like team=search; team= removes it"),
    new Option("--no-metadata", "remove all metadata that is not given"),
  ],
  toRequest: (given, { now = {} }) => metadataBody(given, now),
};

/** Lists only rows with these pairs. */
export const metadataFilter = (what: string): Field => ({
  options: [option(`only ${what} with this pair of metadata, like team=search`)],
  toRequest: ({ metadata = {} }) =>
    Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [`metadata[${name}]`, value])),
});

/**
 * The `metadata` of an update's body; nothing if no option names a pair.
 * @param now the current pairs, of which those that are given change
 */
export function metadataBody({ metadata }: Given, now: { metadata?: Pairs }): Body {
  if (metadata === false) return { metadata: {} };
  if (typeof metadata !== "object" || metadata === null) return {};
  const pairs = Object.entries({ ...now.metadata, ...metadata }).filter(([, value]) => value !== "");
  return { metadata: Object.fromEntries(pairs) };
}

/** The pairs as one line; undefined without any. */
export const metadataText = (metadata: Pairs | undefined): string | undefined =>
  Object.entries(metadata ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(", ") || undefined;
