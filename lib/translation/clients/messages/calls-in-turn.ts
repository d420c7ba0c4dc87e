import { isObject } from "#lib/dialects/text/json-fields";
import { parsedJson } from "#lib/http/parsed-json";
import type { Delta, Writer } from "#lib/translation/delta";

/** A call of the answer, and its arguments so far. */
type Call = { index: number; json: string };

/**
 * Writes the calls of an answer one after the other, as a message has them: a server may begin a call before it has given
 * all arguments of the one before. What follows such a call waits for the end of the answer. One that ends with calls
 * whose arguments cannot be read is an error, as it is whole: a message has them as objects.
 */
export function callsInTurn(write: Writer["write"]): Writer["write"] {
  let open: Call | null = null;
  let isBroken = false;
  let waiting: Delta[] = [];
  const waitingCalls = new Map<number, Call>();

  function closeOpen(): void {
    isBroken ||= open !== null && !isRead(open);
    open = null;
  }

  /** What has waited, each call with its arguments. */
  function released(): string {
    closeOpen();
    let events = "";
    for (const delta of waiting) {
      events += write(delta);
      const call = delta.kind === "call" ? waitingCalls.get(delta.index) : undefined;
      if (call === undefined) continue;
      isBroken ||= !isRead(call);
      events += write({ kind: "args", ...call });
    }
    waiting = [];
    waitingCalls.clear();
    return events;
  }

  function ended(finish: Extract<Delta, { kind: "finish" }>): string {
    const events = released();
    const isWhole = finish.reason === "stop" || finish.reason === "calls";
    return events + write(isBroken && isWhole ? UNREADABLE : finish);
  }

  function argsTo(said: Extract<Delta, { kind: "args" }>): string {
    const isOpen = open?.index === said.index;
    const call = isOpen ? open : waitingCalls.get(said.index);
    if (call) call.json += said.json;
    // More than whole arguments are none.
    else isBroken ||= said.json.trim() !== "";
    return isOpen ? write(said) : "";
  }

  return (delta) => {
    if (delta.kind === "error") return write(delta);
    if (delta.kind === "args") return argsTo(delta);
    if (delta.kind === "finish") return ended(delta);
    const call = delta.kind === "call" ? { index: delta.index, json: "" } : null;
    if (waiting.length > 0 || (open !== null && !isRead(open))) {
      waiting.push(delta);
      if (call !== null) waitingCalls.set(call.index, call);
      return "";
    }
    open = call;
    return write(delta);
  };
}

const isRead = ({ json }: Call): boolean => isObject(parsedJson(json));

const UNREADABLE: Delta = {
  kind: "error",
  detail: { message: "The arguments of a call are no JSON object.", type: "invalid_arguments", status: 502 },
};
