/** Strings and what structures JSON; numbers and words have neither. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs;

type Open = { names: Set<string> | null; current: string; awaitsName: boolean };

/** The names of members in a text of JSON, each with those that it is in; `repeated` where one is there again. */
export type MemberName = { path: readonly string[]; repeated: boolean };

/**
 * The names of all members in the order of a text. JSON.parse keeps one of several members of a name, and puts names like "123"
 * first.
 * @param json that JSON.parse has read
 */
export function memberNames(json: string): MemberName[] {
  const found: MemberName[] = [];
  const open: Open[] = [];
  for (const [token] of json.matchAll(TOKEN)) {
    const top = open.at(-1);
    if (token === "{") open.push({ names: new Set(), current: "", awaitsName: true });
    else if (token === "[") open.push({ names: null, current: "", awaitsName: false });
    else if (token === "}" || token === "]") open.pop();
    else if (token === "," && top !== undefined) top.awaitsName = top.names !== null;
    else if (top?.names && top.awaitsName) {
      const name = String(JSON.parse(token));
      top.current = name;
      top.awaitsName = false;
      found.push({ path: open.map(({ current }) => current), repeated: top.names.has(name) });
      top.names.add(name);
    }
  }
  return found;
}
