import { isObject } from "#lib/dialects/text/json-fields";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import type { Writer } from "./delta";
import type { Tool } from "./turn";
import { CUSTOM_INPUT } from "./wires/function-tools";

const NO_NAMES: ReadonlySet<string> = new Set();

/** The names of tools that take a text. */
export const customNames = (tools: readonly Tool[]): ReadonlySet<string> =>
  tools.some(isCustom) ? new Set(tools.filter(isCustom).map(({ name }) => name)) : NO_NAMES;

const isCustom = ({ custom }: Tool): boolean => custom !== null;

/**
 * Makes texts again of the arguments of custom tools, which wires with functions alone have in JSON (function-tools.ts),
 * before they are written. They are held until they are whole.
 */
export function customArguments(customTools: ReadonlySet<string>, write: Writer["write"]): Writer["write"] {
  if (customTools.size === 0) return write;
  let call: { index: number; json: string } | null = null;
  return (delta) => {
    if (delta.kind === "args" && delta.index === call?.index) {
      call.json += delta.json;
      return "";
    }
    const held = call === null ? "" : write({ kind: "args", index: call.index, json: inputIn(call.json) });
    call = delta.kind === "call" && customTools.has(delta.name) ? { index: delta.index, json: "" } : null;
    return held + write(delta);
  };
}

function inputIn(json: string): string {
  const args = parsedValue(json);
  const input = isObject(args) ? args[CUSTOM_INPUT] : undefined;
  return typeof input === "string" ? input : json;
}
