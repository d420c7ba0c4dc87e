/**
 * The strategies that order a model's targets, as the API names them. A value that is not served is not
 * accepted: an entry is added together with the code that implements it.
 */
export const STRATEGIES: readonly string[] = ["priority"];
