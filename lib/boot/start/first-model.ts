/** A model that a first start offers. */
export type FirstModel = {
  name: string;
  aliases?: readonly string[];
  contextWindow: number;
  maxOutputTokens: number;
  /** The UTC day on which its provider shuts it down, if announced. */
  shutsDownOn?: string;
};
