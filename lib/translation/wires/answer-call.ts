import type { Delta } from "#lib/translation/delta";
import type { ReadOptions } from "#lib/translation/format";

/** A call of an answer that has begun. */
export type AnswerCall = {
  hasArgs: () => boolean;
  args: (json: string, out: Delta[]) => void;
  /** A call without arguments has an empty object. */
  close: (out: Delta[]) => void;
};

/** @param id replaced if it is no text, or an empty one */
export function beginCall(
  { index, name, id }: { index: number; name: string; id: unknown },
  { idPrefix, toolNames }: Pick<ReadOptions, "toolNames"> & { idPrefix: string },
  out: Delta[],
): AnswerCall {
  let hasArgs = false;
  const given = typeof id === "string" && id !== "" ? id : `${idPrefix}${index}`;
  out.push({ kind: "call", index, id: given, name: toolNames.get(name) ?? name });

  function args(json: string, to: Delta[]): void {
    if (json === "") return;
    hasArgs = true;
    to.push({ kind: "args", index, json });
  }

  return {
    hasArgs: () => hasArgs,
    args,
    close(to) {
      if (!hasArgs) args("{}", to);
    },
  };
}
