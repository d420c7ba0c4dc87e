/** A URL without slashes at its end. No regular expression: one looks for the end again from each slash. */
export function withoutTrailingSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}
