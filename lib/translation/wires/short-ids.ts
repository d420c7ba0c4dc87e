/**
 * Ids of calls as a wire takes them: those that are too long are numbered, the same in a call and its result.
 * @param most the most characters that it takes
 */
export function shortIds(most: number): (id: string) => string {
  const short = new Map<string, string>();
  return (id) => {
    if (id.length <= most && id !== "") return id;
    const known = short.get(id) ?? `call_${short.size + 1}_${id.slice(0, 16).replace(/\W/g, "")}`;
    short.set(id, known);
    return known;
  };
}
