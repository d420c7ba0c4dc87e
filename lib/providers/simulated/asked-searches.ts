import { z } from "zod";
import { lastSaid } from "./asked-calls";
import { countPieces } from "./reply";

/**
 * What asks the simulated provider to search, on a line of its own in what the user says last: `Search the web for
 * exact budgets`, or as Claude Code puts it.
 */
const ASKED = /^(?:Search the web for|Perform a web search for the query:) (.{1,200}?)[ \r]*$/gm;

/** A search, and the page that it has found: none is real. */
export type Search = { query: string; title: string; url: string };

/**
 * The searches that the last thing said in a conversation asks for, if a search is offered.
 * @param tools those of a request, in any of the dialects
 * @param most the request's bound on all calls of the provider's own tools; null: only the tool's own
 */
export function askedSearches(
  said: readonly unknown[],
  tools: readonly unknown[],
  most: number | null,
): readonly Search[] {
  const tool = tools.map((given) => SearchTool.safeParse(given).data).find((given) => given !== undefined);
  if (tool === undefined) return [];
  return lastSaid(said)
    .flatMap((text) => [...text.matchAll(ASKED)])
    .slice(0, most ?? tool.max_uses ?? MOST_SEARCHES)
    .map(([, query = ""]) => ({
      query,
      title: `What is known of ${query}`,
      url: `https://example.com/?q=${encodeURIComponent(query)}`,
    }));
}

const MOST_SEARCHES = 10;
const SearchTool = z.looseObject({
  type: z.string().regex(/^web_search(?:_|$)/),
  max_uses: z.int().nullish(),
});

/** Input tokens of a loop: the input is read once, and again with all that was found after each search. */
export function inputWithSearches(inputTokens: number, searches: readonly Search[]): number {
  let [read, all] = [inputTokens, inputTokens];
  for (const { title, url } of searches) {
    read += countPieces(title) + countPieces(url);
    all += read;
  }
  return all;
}
