/** The code of an error's body. */
export function codeOf(text: string): string {
  try {
    return JSON.parse(text).error.code ?? "without a code";
  } catch {
    return "unreadable";
  }
}
