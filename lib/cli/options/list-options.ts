import { Option } from "@commander-js/extra-typings";
import { wholeNumber } from "./values";

export type ListOptions = { limit: number; cursor?: string | undefined; all?: true | undefined };

export const limitOption = new Option("--limit <n>", "how many to show at most")
  .argParser(wholeNumber(1, 200))
  .default(50);
export const cursorOption = new Option("--cursor <cursor>", "go on where an earlier list stopped");
export const allOption = new Option("--all", "show all, page by page").conflicts(["limit", "cursor"]);
