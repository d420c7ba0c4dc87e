const NAMES: Readonly<Record<string, string>> = { api: "API", id: "ID", url: "URL" };

/** The name of a field of the API in words: "api_key" is "API key". */
export function fieldLabel(name: string): string {
  const words = name.split("_").map((word) => NAMES[word] ?? word);
  const [first = "", ...rest] = words;
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(" ");
}
