/** A field's path as `param` names it: `options.num_predict`. */
export const paramOf = (path: readonly string[]): string =>
  path
    .map((name) => name.slice(0, 100))
    .join(".")
    .slice(0, 200);
