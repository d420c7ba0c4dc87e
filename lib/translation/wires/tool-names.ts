import { LONGEST_TOOL_NAME, type Turn } from "#lib/translation/turn";
import { unrepeatedNames } from "./unrepeated-names";

/** Names of tools as a wire takes them. */
export type ToolNames = {
  /** The name to send; the client's own where the wire takes it. */
  sent: (name: string) => string;
  /** The client's names by those sent instead. */
  renamed: ReadonlyMap<string, string>;
};

/** Which names a wire takes, and what in others has to be replaced. */
export type NameRule = { most: number; unsafe: RegExp; isAllowed: (name: string) => boolean };

/** An underscore and as many digits as there may be names. */
const MOST_OF_NUMBER = 7;

const ALL_AS_THEY_ARE: ToolNames = { sent: (name) => name, renamed: new Map() };

/** Names of which a wire takes each, no two of them the same. */
export function toolNames(names: readonly string[], { most, unsafe, isAllowed }: NameRule): ToolNames {
  if (names.every(isAllowed)) return ALL_AS_THEY_ARE;
  const all = new Set(names);
  const sentBy = new Map<string, string>();
  const renamed = new Map<string, string>();
  const unrepeated = unrepeatedNames({
    stemOf: (name) => name.slice(0, most - MOST_OF_NUMBER),
    suffix: (count) => `_${count}`,
    isTaken: (name) => all.has(name),
  });
  for (const name of all) {
    if (isAllowed(name)) continue;
    const base = name.slice(0, most - 5).replace(unsafe, "_") || "tool";
    const safe = isAllowed(base) ? base : `t_${base}`.slice(0, most - 5);
    const sent = unrepeated(safe);
    sentBy.set(name, sent);
    // A call of earlier may have any name, and no answer calls it again.
    if (name.length <= LONGEST_TOOL_NAME) renamed.set(sent, name);
  }
  return { sent: (name) => sentBy.get(name) ?? name, renamed };
}

/** The names of a request's tools and calls. */
export function namesIn({ tools, messages }: Pick<Turn, "tools" | "messages">): readonly string[] {
  const names = tools.map(({ name }) => name);
  for (const { blocks } of messages)
    for (const block of blocks) if (block.kind === "call") names.push(block.name);
  return names;
}
